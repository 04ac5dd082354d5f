import { loadProject, type SharedCache } from './application.ts';
import type { CommandContext, CommandDef, Outcome } from './command.ts';
import { CommandFailure, exitCodes } from './exit.ts';
import { introspect, table, watched, type Introspection } from './watch/ask.ts';

export const cache: CommandDef = {
  name: 'cache',
  summary: 'show what the cache holds and answers, make it forget',
  examples: ['plinth cache stats', 'plinth cache invalidate --tag reports:TENANT'],
  flags: {
    tag: {
      type: 'string',
      value: 'TAGS',
      doc: 'invalidate: all that carries one of these, by comma',
    },
    key: { type: 'string', value: 'KEYS', doc: 'invalidate, get: these keys, by comma' },
  },
  run: runCache,
};

type Act = (context: CommandContext) => Promise<Outcome>;
const acts: Readonly<Record<string, Act>> = { stats, get, invalidate };

async function runCache(context: CommandContext): Promise<Outcome> {
  const [name = ''] = context.flags.words;
  const act = Object.hasOwn(acts, name) ? acts[name] : undefined;
  if (act !== undefined) return act(context);
  throw new CommandFailure(
    `The cache can do ${Object.keys(acts).join(', ')}.`,
    exitCodes.usage,
    'plinth cache stats',
  );
}

const mebibyte = 1_048_576;

async function stats(context: CommandContext): Promise<Outcome> {
  const site = await watched(context);
  const answers = await introspect(site, context);
  const processes = answers.map(({ instance, answer }) => ({ instance, ...answer.cache }));
  if (!context.terminal.json) {
    const head = ['process', 'entries', 'MiB', 'hits', 'of Redis', 'misses', 'ratio', 'evicted'];
    const rows = processes.map((one) => [
      one.instance,
      String(one.entries),
      (one.bytes / mebibyte).toFixed(1),
      String(one.hits),
      String(one.hitsL2),
      String(one.misses),
      ratioOf(one),
      String(one.evictions),
    ]);
    context.terminal.out(table(head, rows));
  }
  return { exitCode: exitCodes.done, result: { processes } };
}

function ratioOf({ hits, misses }: Introspection['cache']): string {
  return hits + misses === 0 ? '–' : `${((100 * hits) / (hits + misses)).toFixed(1)} %`;
}

async function get(context: CommandContext): Promise<Outcome> {
  const keys = listed(context, 'key');
  if (keys.length === 0) throw nothingNamed('Get what? Name a --key.');
  return withShared(context, async (shared) => {
    const entries = await Promise.all(
      keys.map(async (key) => ({ key, entry: (await shared.entry(key)) ?? null })),
    );
    if (!context.terminal.json) {
      for (const { key, entry } of entries) {
        context.terminal.out(`${key}  ${entry === null ? 'absent' : JSON.stringify(entry)}\n`);
      }
    }
    const isFound = entries.every(({ entry }) => entry !== null);
    return { exitCode: isFound ? exitCodes.done : exitCodes.bad, result: { entries } };
  });
}

async function invalidate(context: CommandContext): Promise<Outcome> {
  const tags = listed(context, 'tag');
  const keys = listed(context, 'key');
  if (tags.length + keys.length === 0)
    throw nothingNamed('Invalidate what? Name a --tag or --key.');
  return withShared(context, async (shared) => {
    const { position, delivered } = await shared.invalidate({ tags, keys });
    if (!delivered) {
      throw new CommandFailure(
        'Redis did not take it in time: it may be in effect, or not.',
        exitCodes.bad,
        'Do it again.',
      );
    }
    if (!context.terminal.json) {
      context.terminal.out(`Told to every process, at ${position ?? ''}.\n`);
    }
    return { exitCode: exitCodes.done, result: { position, tags, keys } };
  });
}

function listed({ flags }: CommandContext, name: 'tag' | 'key'): string[] {
  return (flags.text(name) ?? '').split(',').filter((one) => one !== '');
}

function nothingNamed(message: string): CommandFailure {
  return new CommandFailure(message, exitCodes.usage, 'plinth cache --help');
}

/** @throws {CommandFailure} `missing` without Redis: a process's own memory is nobody else's to reach. */
async function withShared(
  { folder, environment }: CommandContext,
  work: (shared: SharedCache) => Promise<Outcome>,
): Promise<Outcome> {
  const { application } = await loadProject(folder);
  const shared = await application.openCache(environment);
  if (shared === undefined) {
    throw new CommandFailure(
      'Without REDIS_URL each process has its cache for itself: restart it.',
      exitCodes.missing,
    );
  }
  try {
    return await work(shared);
  } finally {
    await shared.close();
  }
}
