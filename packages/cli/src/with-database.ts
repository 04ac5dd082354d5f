import { noLog } from '@plinth/core';
import { createDatabase, type Database } from '@plinth/postgres';

import { loadProject } from './application.ts';
import type { CommandContext } from './command.ts';
import { dataFolderOf, prepareDataFolder } from './up/data-folder.ts';
import { borrowDatabase } from './up/database.ts';

/** Beside a running product, or alone: the product's database, as the product's role. */
export async function withDatabase<result>(
  { environment, folder }: CommandContext,
  work: (database: Database) => Promise<result>,
): Promise<result> {
  const { root } = await loadProject(folder);
  const dataFolder = dataFolderOf(root, environment);
  await prepareDataFolder(dataFolder);
  const running = await borrowDatabase(environment, dataFolder, noLog);
  const database = createDatabase({ url: running.urls.app, poolMax: 2 });
  try {
    return await work(database);
  } finally {
    await database.drain();
    await running.stop();
  }
}
