import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { migrate, type Migrations } from '@plinth/postgres';
import { checkMigrations, checkSql, loadTableFiles } from '@plinth/postgres/check';
import { startEmbedded } from '@plinth/postgres/embedded';

const settings = { fsync: 'off', full_page_writes: 'off', shared_buffers: '64MB' };
/** A session is found by its cookie, before its tenant is known. */
const acrossTenants = ['http.session'];

const folder = await mkdtemp(join(tmpdir(), 'plinth-check-'));
const server = await startEmbedded({ folder, settings });
try {
  // What the server itself runs: a module that it does not know is not checked either.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own file
  const { migrations } = (await import('../apps/server/src/modules.ts')) as {
    migrations: readonly Migrations[];
  };
  const report = await checkMigrations(migrations, 'sql.lock.json', server.adminUrl);
  for (const { path, line, rule, message, instead } of report.faults)
    console.error(`${path}:${line}: ${rule}: ${message}\n  instead: ${instead}`);
  const { fileCount, newCount, faults: unsafe } = report;
  console.log(
    `migrations: ${fileCount} files, ${newCount} since the release, held against ${report.statementCount} statements of it, ${unsafe.length} faults`,
  );
  await migrate(server.adminUrl, migrations);
  const sql = await checkSql(server.adminUrl, await loadTableFiles('.'), { acrossTenants });
  for (const { path, name, message } of sql.faults) console.error(`${path}: ${name}: ${message}`);
  const { statementCount, listCount, faults } = sql;
  console.log(`sql: ${statementCount} statements, ${listCount} lists, ${faults.length} faults`);
  if (faults.length + unsafe.length > 0) process.exitCode = 1;
} finally {
  await server.stop();
  await rm(folder, { recursive: true });
}
