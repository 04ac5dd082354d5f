import { join, relative } from 'node:path';

import { loadProject } from './application.ts';
import type { CommandDef } from './command.ts';
import { CommandFailure, exitCodes } from './exit.ts';

export const check: CommandDef = {
  name: 'check',
  summary: 'judge what is to be released',
  examples: ['plinth check migrations', 'plinth check migrations --json'],
  flags: {},
  async run({ flags, folder, terminal }) {
    const [what] = flags.words;
    if (what !== 'migrations') {
      throw new CommandFailure(
        'Check what? There is migrations: what locks, rewrites or breaks the version before.',
        exitCodes.usage,
        'plinth check migrations',
      );
    }
    const { root, application } = await loadProject(folder);
    const { checkMigrations } = await import('@plinth/postgres/check');
    const { migrations } = application;
    const report = await checkMigrations(migrations, join(root, 'sql.lock.json'));
    const faults = report.faults.map((fault) => ({ ...fault, path: relative(root, fault.path) }));
    if (!terminal.json) {
      for (const { path, line, rule, message, instead } of faults) {
        terminal.out(`${path}:${line}: ${rule}: ${message}\n  instead: ${instead}\n`);
      }
      terminal.err(`${report.fileCount} migrations, ${faults.length} faults.\n`);
    }
    const exitCode = faults.length === 0 ? exitCodes.done : exitCodes.bad;
    return { exitCode, result: { files: report.fileCount, faults } };
  },
};
