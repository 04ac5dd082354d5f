import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { loadProject } from './application.ts';
import type { CommandContext, CommandDef, Outcome } from './command.ts';
import { CommandFailure, exitCodes } from './exit.ts';

/** A failure that is rehearsed on servers of its own; a project names them in package.json, `plinth.drills`. */
interface Drill {
  readonly summary: string;
  run(options: {
    readonly runs: number;
    readonly transport: string;
    readonly seed: number | undefined;
    readonly signal: AbortSignal;
    onRun(run: number, what: string): void;
  }): Promise<{ readonly ok: boolean } & Readonly<Record<string, unknown>>>;
}

const runsDefault = 60;
const runsMax = 100_000;
const seedMax = 2 ** 32 - 1;

export const drill: CommandDef = {
  name: 'drill',
  summary: 'rehearse a failure, and judge what it did',
  examples: ['plinth drill list', 'plinth drill run messages --runs 1000 --transport rabbitmq'],
  flags: {
    runs: { type: 'string', value: 'N', doc: `faults (default ${runsDefault})` },
    transport: {
      type: 'string',
      value: 'NAME',
      oneOf: ['postgres', 'rabbitmq', 'kafka'],
      doc: 'messages: what carries the events (default postgres)',
    },
    seed: { type: 'string', value: 'N', doc: 'the same number draws the same faults' },
  },
  run: runDrill,
};

async function runDrill(context: CommandContext): Promise<Outcome> {
  const { flags, folder, terminal } = context;
  const { root } = await loadProject(folder);
  const drills = await readDrills(root);
  const [act, id = ''] = flags.words;
  if (act === 'list') return list(root, drills, context);
  const path = drills.get(id);
  if (act !== 'run' || path === undefined) {
    throw new CommandFailure(
      `Run one of ${[...drills.keys()].join(', ')}.`,
      exitCodes.usage,
      'plinth drill list',
    );
  }
  const found = await loadDrill(root, path);
  const runs = flags.count('runs', 1, runsMax) ?? runsDefault;
  const report = await found.run({
    runs,
    transport: flags.text('transport') ?? 'postgres',
    seed: flags.count('seed', 0, seedMax),
    signal: context.signal,
    onRun: (run, what) => terminal.err(`${run}/${runs} ${what}\n`),
  });
  if (!terminal.json) terminal.out(`${JSON.stringify(report, undefined, 2)}\n`);
  return { exitCode: report.ok ? exitCodes.done : exitCodes.bad, result: { ...report } };
}

async function list(
  root: string,
  drills: ReadonlyMap<string, string>,
  { terminal }: CommandContext,
): Promise<Outcome> {
  const found: { id: string; summary: string }[] = [];
  for (const [id, path] of drills) {
    const { summary } = await loadDrill(root, path);
    found.push({ id, summary });
    if (!terminal.json) terminal.out(`${id}  ${summary}\n`);
  }
  return { exitCode: exitCodes.done, result: { drills: found } };
}

async function readDrills(root: string): Promise<Map<string, string>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the project's own file; its names are looked up below
  const json = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    plinth?: { drills?: Record<string, string> };
  };
  return new Map(Object.entries(json.plinth?.drills ?? {}));
}

async function loadDrill(root: string, path: string): Promise<Drill> {
  const file = pathToFileURL(join(root, path)).href;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the project's own drill, written against this interface
  const { drill: found } = (await import(file)) as { drill: Drill };
  return found;
}
