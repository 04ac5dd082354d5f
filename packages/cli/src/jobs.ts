import type { AdminView, JobsAdmin, JobState } from '@plinth/jobs';

import type { CommandContext, CommandDef, Outcome } from './command.ts';
import { CommandFailure, exitCodes } from './exit.ts';
import { withDatabase } from './with-database.ts';

const rowsDefault = 50;
const rowsMax = 200;
const runningMaxMax = 1_000_000;

export const jobs: CommandDef = {
  name: 'jobs',
  summary: 'list and show jobs, cancel, retry and run them, pause and resume queues',
  examples: [
    'plinth jobs queues',
    'plinth jobs retry --queue default --dead --why "the bank is back"',
  ],
  flags: {
    name: { type: 'string', value: 'NAME', doc: 'jobs of this name only' },
    queue: { type: 'string', value: 'QUEUE', doc: 'of this queue only' },
    tenant: { type: 'string', value: 'ID', doc: 'of this tenant only; limit: also each' },
    max: { type: 'string', value: 'N', doc: 'limit: so many run at once, over all processes' },
    none: { type: 'boolean', doc: 'limit: take it away' },
    state: {
      type: 'string',
      value: 'STATE',
      oneOf: ['scheduled', 'ready', 'running', 'done', 'cancelled', 'dead'],
      doc: 'list: in this state only',
    },
    limit: { type: 'string', value: 'N', doc: `jobs to list (default ${rowsDefault})` },
    dead: { type: 'boolean', doc: 'retry: every dead job of --name, --queue or --tenant' },
    why: { type: 'string', value: 'TEXT', doc: 'what the record says' },
    by: { type: 'string', value: 'NAME', doc: 'who does it, for the record (default: $USER)' },
  },
  run: runJobs,
};

const acts = {
  list,
  show,
  cancel,
  retry,
  queues,
  pause,
  resume,
  schedules,
  run,
  limit: limitQueue,
  log,
};
type Act = (admin: JobsAdmin, context: CommandContext) => Promise<Outcome>;

function isAct(name: string): name is keyof typeof acts {
  return Object.hasOwn(acts, name);
}

async function runJobs(context: CommandContext): Promise<Outcome> {
  const [name = ''] = context.flags.words;
  if (!isAct(name)) {
    throw new CommandFailure(
      `Jobs can do ${Object.keys(acts).join(', ')}.`,
      exitCodes.usage,
      'plinth jobs list',
    );
  }
  const { createJobsAdmin } = await import('@plinth/jobs');
  const act: Act = acts[name];
  return withDatabase(context, (database) => act(createJobsAdmin(database), context));
}

/** The result, as a document or as its lines. */
function answer(
  { terminal }: CommandContext,
  result: Readonly<Record<string, unknown>>,
  lines: readonly string[],
): Outcome {
  if (!terminal.json) for (const line of lines) terminal.out(`${line.trimEnd()}\n`);
  return { exitCode: exitCodes.done, result };
}

const filterOf = ({ flags }: CommandContext) => ({
  name: flags.text('name'),
  queue: flags.text('queue'),
  tenant: flags.text('tenant'),
});

async function list(admin: JobsAdmin, context: CommandContext): Promise<Outcome> {
  const { flags } = context;
  const limit = flags.count('limit', 1, rowsMax) ?? rowsDefault;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the flag is one of these
  const state = flags.text('state') as JobState | undefined;
  const found = await admin.list({ ...filterOf(context), state, limit });
  return answer(context, { jobs: found }, found.map(lineOf));
}

function lineOf({ id, state, name, queue, attempt, attemptsMax, fraction, error }: AdminView) {
  const done = fraction === null || state !== 'running' ? '' : ` ${Math.floor(fraction * 100)} %`;
  const why = error === null ? '' : `  ${error.code}`;
  return `${id}  ${state.padEnd(9)}${done}  ${queue}  ${name}  ${attempt}/${attemptsMax}${why}`;
}

async function show(admin: JobsAdmin, context: CommandContext): Promise<Outcome> {
  const id = needed(context.flags.words[1], 'Show which? Name an id of plinth jobs list.');
  const job = await admin.get(id);
  if (job === undefined) {
    throw new CommandFailure(`There is no job ${id}.`, exitCodes.bad, 'plinth jobs list');
  }
  return answer(context, { job }, [JSON.stringify(job, undefined, 2)]);
}

async function cancel(admin: JobsAdmin, context: CommandContext): Promise<Outcome> {
  const id = needed(context.flags.words[1], 'Cancel which? Name an id of plinth jobs list.');
  const outcome = await admin.cancel(id, whoOf(context), context.flags.text('why'));
  const said = {
    cancelled: `${id} is cancelled.`,
    cancelling: `${id} runs, and was asked to end.`,
    'already-finished': `${id} had ended already.`,
  };
  return answer(context, { id, outcome }, [said[outcome]]);
}

async function retry(admin: JobsAdmin, context: CommandContext): Promise<Outcome> {
  const { flags } = context;
  const ids = flags.words.slice(1);
  const where = filterOf(context);
  const isChosen = Object.values(where).some((value) => value !== undefined);
  if (ids.length > 0 ? isChosen || flags.is('dead') : !isChosen || !flags.is('dead')) {
    throw new CommandFailure(
      'Retry ids, or the dead of a name, queue or tenant: --queue NAME --dead.',
      exitCodes.usage,
      'plinth jobs list --state dead',
    );
  }
  const selection = ids.length > 0 ? { ids } : { where };
  const count = await admin.retry(selection, whoOf(context), flags.text('why'));
  return answer(context, { count }, [`${count} ready again.`]);
}

async function queues(admin: JobsAdmin, context: CommandContext): Promise<Outcome> {
  const states = await admin.queues();
  const width = Math.max(5, ...states.map(({ queue }) => queue.length));
  const head = `${'queue'.padEnd(width)}  scheduled  ready  running   dead  oldest s`;
  const lines = states.map((row) => {
    const { queue, scheduled, ready, running, dead, oldestSeconds, pausedBy, pausedWhy } = row;
    const counts = `${pad(scheduled, 9)}${pad(ready, 7)}${pad(running, 9)}${pad(dead, 7)}`;
    const paused = pausedBy === null ? '' : `  paused by ${pausedBy}: ${pausedWhy ?? ''}`;
    return `${queue.padEnd(width)}  ${counts}${oldestSeconds.toFixed(1).padStart(10)}${paused}`;
  });
  return answer(context, { queues: states }, [head, ...lines]);
}

const pad = (count: number, width: number) => String(count).padStart(width);

async function pause(admin: JobsAdmin, context: CommandContext): Promise<Outcome> {
  const queue = needed(context.flags.words[1], 'Pause which queue?');
  const why = needed(context.flags.text('why'), 'Say why: --why TEXT.');
  await admin.pause(queue, whoOf(context), why);
  return answer(context, { queue, paused: true }, [`${queue} is paused; what runs goes on.`]);
}

async function resume(admin: JobsAdmin, context: CommandContext): Promise<Outcome> {
  const queue = needed(context.flags.words[1], 'Resume which queue?');
  await admin.resume(queue, whoOf(context));
  return answer(context, { queue, paused: false }, [`${queue} goes on.`]);
}

async function schedules(admin: JobsAdmin, context: CommandContext): Promise<Outcome> {
  const found = await admin.schedules();
  const lines = found.map(
    ({ name, pattern, lastFire, nextFire }) =>
      `${name}  ${pattern}  last ${lastFire ?? 'never'}  next ${nextFire}`,
  );
  return answer(context, { schedules: found }, lines);
}

async function run(admin: JobsAdmin, context: CommandContext): Promise<Outcome> {
  const schedule = needed(context.flags.words[1], 'Run which? Name one of plinth jobs schedules.');
  await admin.run(schedule, whoOf(context), context.flags.text('why'));
  return answer(context, { schedule }, [`${schedule} is due now.`]);
}

async function limitQueue(admin: JobsAdmin, context: CommandContext): Promise<Outcome> {
  const { flags } = context;
  const queue = flags.words[1];
  if (queue === undefined) return limits(admin, context);
  const runningMax = flags.count('max', 0, runningMaxMax) ?? null;
  if ((runningMax === null) !== flags.is('none')) {
    throw new CommandFailure('Say --max N, or --none.', exitCodes.usage, 'plinth jobs --help');
  }
  const chosen = flags.text('tenant') ?? '';
  const tenant = chosen === 'each' ? '*' : chosen;
  await admin.limit({ queue, tenant, runningMax }, whoOf(context), flags.text('why'));
  const said = runningMax === null ? 'has no such limit any more' : `runs at most ${runningMax}`;
  return answer(context, { queue, tenant, runningMax }, [`${queue} ${said}.`]);
}

async function limits(admin: JobsAdmin, context: CommandContext): Promise<Outcome> {
  const found = await admin.limits();
  const named: Readonly<Record<string, string>> = { '': 'all together', '*': 'each tenant' };
  const lines = found.map(
    ({ queue, tenant, runningMax }) => `${queue}  ${named[tenant] ?? tenant}  ${runningMax}`,
  );
  return answer(context, { limits: found }, lines);
}

async function log(admin: JobsAdmin, context: CommandContext): Promise<Outcome> {
  const found = await admin.acts();
  const lines = found.map(({ at, actor, action, queue, schedule, ids, why }) => {
    const what = queue ?? schedule ?? (ids?.length === 1 ? ids[0] : `${ids?.length ?? 0} jobs`);
    return `${at}  ${actor}  ${action}  ${what ?? ''}  ${why ?? ''}`;
  });
  return answer(context, { acts: found }, lines);
}

function needed(word: string | undefined, question: string): string {
  if (word !== undefined) return word;
  throw new CommandFailure(question, exitCodes.usage, 'plinth jobs --help');
}

function whoOf({ flags, environment }: CommandContext) {
  const id = flags.text('by') ?? environment['USER'] ?? 'unknown';
  return { kind: 'operator', id } as const;
}
