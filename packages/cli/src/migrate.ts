import { noLog } from '@plinth/core';
import { migrate as applyMigrations } from '@plinth/postgres';

import { loadProject } from './application.ts';
import type { CommandDef } from './command.ts';
import { exitCodes } from './exit.ts';
import { dataFolderOf, prepareDataFolder } from './up/data-folder.ts';
import { borrowDatabase } from './up/database.ts';

export const migrate: CommandDef = {
  name: 'migrate',
  summary: 'bring the database up to date',
  examples: ['plinth migrate', 'DATABASE_URL=postgres://… plinth migrate --json'],
  flags: {},
  async run({ environment, folder, terminal }) {
    const { root, application } = await loadProject(folder);
    const dataFolder = dataFolderOf(root, environment);
    await prepareDataFolder(dataFolder);
    const database = await borrowDatabase(environment, dataFolder, noLog);
    try {
      const applied = await applyMigrations(database.urls.admin, application.migrations);
      if (!terminal.json) {
        for (const name of applied) terminal.out(`${name}\n`);
        terminal.err(
          applied.length === 0 ? 'The database is up to date.\n' : `${applied.length} applied.\n`,
        );
      }
      return { exitCode: exitCodes.done, result: { applied } };
    } finally {
      await database.stop();
    }
  },
};
