import { join, relative } from 'node:path';

import { noLog } from '@plinth/core';

import { loadProject } from './application.ts';
import type { CommandContext, CommandDef, Outcome } from './command.ts';
import { CommandFailure, exitCodes } from './exit.ts';
import { dataFolderOf, prepareDataFolder } from './up/data-folder.ts';
import { borrowDatabase } from './up/database.ts';

export const check: CommandDef = {
  name: 'check',
  summary: 'judge what is to be released',
  examples: ['plinth check migrations', 'plinth check migrations --json'],
  flags: {},
  async run(context) {
    const [what] = context.flags.words;
    if (what === 'migrations') return checkAll(context);
    throw new CommandFailure(
      'Check what? There is migrations: what locks, rewrites or breaks the version before.',
      exitCodes.usage,
      'plinth check migrations',
    );
  },
};

async function checkAll({ environment, folder, terminal }: CommandContext): Promise<Outcome> {
  const { root, application } = await loadProject(folder);
  const { checkMigrations } = await import('@plinth/postgres/check');
  const dataFolder = dataFolderOf(root, environment);
  await prepareDataFolder(dataFolder);
  const database = await borrowDatabase(environment, dataFolder, noLog);
  try {
    const { admin } = database.urls;
    const lockPath = join(root, 'sql.lock.json');
    const report = await checkMigrations(application.migrations, lockPath, admin);
    const faults = report.faults.map((fault) => ({ ...fault, path: relative(root, fault.path) }));
    if (!terminal.json) {
      for (const { path, line, rule, message, instead } of faults) {
        terminal.out(`${path}:${line}: ${rule}: ${message}\n  instead: ${instead}\n`);
      }
      const { fileCount, newCount } = report;
      terminal.err(
        `${fileCount} migrations, ${newCount} since the release, ${faults.length} faults.\n`,
      );
    }
    const exitCode = faults.length === 0 ? exitCodes.done : exitCodes.bad;
    return { exitCode, result: { ...report, faults } };
  } finally {
    await database.stop();
  }
}
