import { noLog } from '@plinth/core';
import type { StatementUse } from '@plinth/postgres/check';

import { loadProject } from './application.ts';
import type { CommandContext, CommandDef, Outcome } from './command.ts';
import { CommandFailure, exitCodes } from './exit.ts';
import { dataFolderOf, prepareDataFolder } from './up/data-folder.ts';
import { borrowDatabase, type RunningDatabase } from './up/database.ts';

export const db: CommandDef = {
  name: 'db',
  summary: "show the statements' plans and what they cost",
  examples: ['plinth db statements', 'plinth db explain invoiceById --tenant ID'],
  flags: {
    top: { type: 'string', value: 'N', doc: 'with statements: as many as these (default 20)' },
    tenant: { type: 'string', value: 'ID', doc: 'with explain: whose rows' },
    values: { type: 'string', value: 'JSON', doc: 'with explain: parameters by their names' },
    analyze: { type: 'boolean', doc: 'with explain: run it, only reading' },
  },
  run: runDb,
};

type Act = (context: CommandContext, database: RunningDatabase, root: string) => Promise<Outcome>;
const acts: Readonly<Record<string, Act>> = { statements, explain };

async function runDb(context: CommandContext): Promise<Outcome> {
  const { flags, environment, folder } = context;
  const act = acts[flags.words[0] ?? ''];
  if (act === undefined) {
    throw new CommandFailure(
      'There are db statements and db explain NAME.',
      exitCodes.usage,
      'plinth db statements',
    );
  }
  const { root } = await loadProject(folder);
  const dataFolder = dataFolderOf(root, environment);
  await prepareDataFolder(dataFolder);
  const database = await borrowDatabase(environment, dataFolder, noLog);
  try {
    return await act(context, database, root);
  } finally {
    await database.stop();
  }
}

const topDefault = 20;
const topMax = 10_000;
/** A partitioned table has one for each of its parts. */
const scansShown = 3;

async function statements(
  { flags, terminal }: CommandContext,
  { urls }: RunningDatabase,
  root: string,
): Promise<Outcome> {
  const { loadTableFiles, readStatementUses } = await import('@plinth/postgres/check');
  const uses = await readStatementUses(urls.admin, await loadTableFiles(root));
  if (!terminal.json) {
    const top = flags.count('top', 1, topMax) ?? topDefault;
    for (const use of uses.statements.slice(0, top)) terminal.out(`${lineOf(use)}\n`);
    terminal.out(`${percent(uses.otherShare)}  lists, and what has no name\n`);
    if (!uses.isMeasured) {
      terminal.err(
        'pg_stat_statements is not loaded: shared_preload_libraries = pg_stat_statements, then restart the server.\n',
      );
    }
  }
  return { exitCode: exitCodes.done, result: { ...uses } };
}

function lineOf({ name, path, share, calls, totalMs, scans }: StatementUse): string {
  const meanMs = calls === 0 ? 0 : totalMs / calls;
  const cost = `${percent(share)}  ${String(calls).padStart(9)} × ${meanMs.toFixed(3).padStart(9)} ms`;
  const shown = scans.slice(0, scansShown).join(', ');
  const more = scans.length > scansShown ? ` and ${scans.length - scansShown} more` : '';
  return `${cost}  ${name} (${path})\n        ${shown === '' ? 'no table' : shown + more}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1).padStart(5)} %`;
}

async function explain(
  { flags, terminal }: CommandContext,
  { urls }: RunningDatabase,
  root: string,
): Promise<Outcome> {
  const { explainStatement, findByName, findNear, loadTableFiles } =
    await import('@plinth/postgres/check');
  const [, name = ''] = flags.words;
  const files = await loadTableFiles(root);
  const found = findByName(files, name);
  const [first, second] = found;
  if (first === undefined || second !== undefined) {
    const places = found.map((one) => `${one.path}:${one.name}`).join(', ');
    throw new CommandFailure(
      first === undefined ? `No statement is called ${name}.` : `There are several: ${places}.`,
      exitCodes.usage,
      nearOf(findNear(files, name)),
    );
  }
  const values = flags.text('values');
  const lines = await explainStatement(urls.app, first.statement, {
    tenant: flags.text('tenant'),
    values: values === undefined ? undefined : parseValues(values),
    analyze: flags.is('analyze'),
  });
  if (!terminal.json) terminal.out(`${first.statement.text}\n\n${lines.join('\n')}\n`);
  return {
    exitCode: exitCodes.done,
    result: { name: first.name, path: first.path, text: first.statement.text, plan: lines },
  };
}

function nearOf(names: readonly string[]): string {
  if (names.length === 0) return 'plinth db statements --top 1000';
  return names.map((name) => `plinth db explain ${name}`).join('\n  ');
}

function parseValues(text: string): Readonly<Record<string, unknown>> {
  const failure = new CommandFailure('--values is a JSON object.', exitCodes.usage);
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return { ...parsed };
  } catch (error) {
    throw new CommandFailure(failure.message, exitCodes.usage, undefined, error);
  }
  throw failure;
}
