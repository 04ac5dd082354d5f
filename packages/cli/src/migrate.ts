import { noLog } from '@plinth/core';
import {
  dryRun,
  migrate as applyMigrations,
  readMigrationStatus,
  type MigrationStatus,
} from '@plinth/postgres';

import { loadProject } from './application.ts';
import type { CommandContext, CommandDef, Outcome } from './command.ts';
import { CommandFailure, exitCodes } from './exit.ts';
import type { Terminal } from './terminal.ts';
import { dataFolderOf, prepareDataFolder } from './up/data-folder.ts';
import { borrowDatabase } from './up/database.ts';

export const migrate: CommandDef = {
  name: 'migrate',
  summary: 'plan, apply or show the migrations of the database',
  examples: ['plinth migrate apply', 'DATABASE_URL=postgres://… plinth migrate plan --dry-run'],
  flags: {
    'dry-run': {
      type: 'boolean',
      doc: 'with plan: apply to a copy of the database, tell locks and times',
    },
    contract: { type: 'boolean', doc: 'with apply: also remove what the version before used' },
    yes: { type: 'boolean', doc: 'do not ask' },
  },
  run: runMigrate,
};

type Act = (context: CommandContext, adminUrl: string, migrations: Given) => Promise<Outcome>;
type Given = Parameters<typeof applyMigrations>[1];
const acts: Readonly<Record<string, Act>> = { apply, plan, status };

async function runMigrate(context: CommandContext): Promise<Outcome> {
  const { flags, environment, folder } = context;
  const [word = 'apply'] = flags.words;
  const act = acts[word];
  if (act === undefined) {
    throw new CommandFailure(
      `There is no migrate ${word}: apply, plan or status.`,
      exitCodes.usage,
      'plinth migrate plan',
    );
  }
  refuseIdleFlags(context, word);
  const { root, application } = await loadProject(folder);
  const dataFolder = dataFolderOf(root, environment);
  await prepareDataFolder(dataFolder);
  const database = await borrowDatabase(environment, dataFolder, noLog);
  try {
    return await act(context, database.urls.admin, application.migrations);
  } finally {
    await database.stop();
  }
}

function refuseIdleFlags({ flags, terminal }: CommandContext, word: string): void {
  if (flags.is('dry-run') && word !== 'plan') {
    throw new CommandFailure(
      '--dry-run is for plan.',
      exitCodes.usage,
      'plinth migrate plan --dry-run',
    );
  }
  if (flags.is('contract') && word !== 'apply') {
    throw new CommandFailure('--contract is for apply.', exitCodes.usage);
  }
  if (flags.is('contract') && !flags.is('yes') && !terminal.interactive) {
    throw new CommandFailure(
      '--contract removes what the version before may still use.',
      exitCodes.usage,
      'Add --yes if that version runs nowhere any more.',
    );
  }
}

async function apply({ flags, terminal, signal }: CommandContext, url: string, all: Given) {
  const contract = flags.is('contract') ? 'apply' : 'hold';
  const applied = await applyMigrations(url, all, { signal, contract });
  const held = pendingOf(await readMigrationStatus(url, all));
  if (!terminal.json) {
    for (const name of applied) terminal.out(`${name}\n`);
    terminal.err(
      applied.length === 0 && held.length === 0
        ? 'The database is up to date.\n'
        : `${applied.length} applied.\n`,
    );
    for (const { name } of held) terminal.err(`${name} waits for --contract.\n`);
  }
  return {
    exitCode: exitCodes.done,
    result: { applied, held: held.map(({ name }) => name) },
  };
}

async function plan({ flags, terminal }: CommandContext, url: string, all: Given) {
  const pending = pendingOf(await readMigrationStatus(url, all));
  const dry = flags.is('dry-run') && pending.length > 0 ? await dryRun(url, all) : undefined;
  if (!terminal.json) {
    for (const { name, phase, transaction } of pending) {
      terminal.out(`${phase.padEnd(9)} ${name}${transaction ? '' : '  (no transaction)'}\n`);
    }
    if (pending.length === 0) terminal.err('The database is up to date.\n');
    if (dry !== undefined) tellDryRun(terminal, dry);
  }
  return { exitCode: exitCodes.done, result: { pending, ...(dry === undefined ? {} : { dry }) } };
}

/** What an operator decides by: how long, and which locks others would wait for. */
function sumOf(steps: Awaited<ReturnType<typeof dryRun>>['steps']): string {
  const tookMs = steps.reduce((sum, { ms }) => sum + ms, 0);
  const locks = [...new Set(steps.flatMap((step) => step.locks ?? []))].toSorted();
  const held = locks.length === 0 ? 'none' : locks.join(', ');
  return `${steps.length} statements, ${tookMs.toFixed(0)} ms. Locks on what was there: ${held}.`;
}

function tellDryRun(terminal: Terminal, { withData, steps }: Awaited<ReturnType<typeof dryRun>>) {
  terminal.out('\n');
  for (const { migration, statement, ms, locks } of steps) {
    const held = locks?.join(', ') ?? 'outside a transaction or in batches';
    terminal.out(`${ms.toFixed(0).padStart(7)} ms  ${migration}\n            ${statement}\n`);
    terminal.out(`            locks: ${held === '' ? 'none of what was there' : held}\n`);
  }
  terminal.out(`\n${sumOf(steps)}\n`);
  if (!withData) {
    terminal.err(
      'Others are connected, so the copy has no data: locks are what they will be, times are not.\n',
    );
  }
}

async function status({ terminal }: CommandContext, url: string, all: Given) {
  const migrations = await readMigrationStatus(url, all);
  if (!terminal.json) {
    for (const one of migrations) terminal.out(`${lineOf(one)}\n`);
    terminal.out(`${countsOf(migrations)}\n`);
  }
  const isGood = migrations.every(({ state }) => state === 'applied' || state === 'newer');
  return { exitCode: isGood ? exitCodes.done : exitCodes.bad, result: { migrations } };
}

/** `32 applied, 1 pending`: what a long list ends with. */
function countsOf(migrations: readonly MigrationStatus[]): string {
  const groups = [...Map.groupBy(migrations, ({ state }) => state)];
  return groups.map(([state, all]) => `${all.length} ${state}`).join(', ');
}

function lineOf({ name, phase, state, appliedAt, ms, rowsDone }: MigrationStatus): string {
  const done = rowsDone === undefined ? '' : `  ${rowsDone} rows done`;
  const when = appliedAt === undefined ? '' : `  ${appliedAt.slice(0, 19)}`;
  const took = ms === undefined ? '' : `  ${ms} ms`;
  return `${state.padEnd(8)} ${phase.padEnd(9)} ${name}${when}${took}${done}`;
}

function pendingOf(all: readonly MigrationStatus[]): MigrationStatus[] {
  return all.filter(({ state }) => state === 'pending' || state === 'running');
}
