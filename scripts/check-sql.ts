import { globSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { migrate, type Migrations } from '@plinth/postgres';
import { checkMigrations, checkSql, type TableFile } from '@plinth/postgres/check';
import { startEmbedded } from '@plinth/postgres/embedded';

const settings = { fsync: 'off', full_page_writes: 'off', shared_buffers: '64MB' };
const mark = '?check-sql';
/** A session is found by its cookie, before its tenant is known. */
const acrossTenants = ['http.session'];

/** A table file's statements need not be exported to be checked: here each of its constants is. */
registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const { source } = loaded;
    if (!url.endsWith(mark) || source === undefined) return loaded;
    const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
    const hidden = Array.from(text.matchAll(/^const (\w+)\b/gmu), ([, name]) => name);
    return { ...loaded, source: `${text}\nexport { ${hidden.join(', ')} };\n` };
  },
});

async function readTables(): Promise<TableFile[]> {
  const paths = globSync('{packages,modules,apps}/*/src/**/*-table.ts').toSorted();
  return Promise.all(
    paths.map(async (path) => {
      const exports: unknown = await import(pathToFileURL(resolve(path)).href + mark);
      return {
        path,
        exports: typeof exports === 'object' && exports !== null ? { ...exports } : {},
      };
    }),
  );
}

const folder = await mkdtemp(join(tmpdir(), 'plinth-check-'));
const server = await startEmbedded({ folder, settings });
try {
  // What the server itself runs: a module that it does not know is not checked either.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own file
  const { migrations } = (await import('../apps/server/src/modules.ts')) as {
    migrations: readonly Migrations[];
  };
  const { fileCount, faults: unsafe } = await checkMigrations(migrations, 'sql.lock.json');
  for (const { path, line, rule, message, instead } of unsafe)
    console.error(`${path}:${line}: ${rule}: ${message}\n  instead: ${instead}`);
  console.log(`migrations: ${fileCount} files, ${unsafe.length} faults`);
  await migrate(server.adminUrl, migrations);
  const report = await checkSql(server.adminUrl, await readTables(), { acrossTenants });
  for (const { path, name, message } of report.faults)
    console.error(`${path}: ${name}: ${message}`);
  const { statementCount, listCount, faults } = report;
  console.log(`sql: ${statementCount} statements, ${listCount} lists, ${faults.length} faults`);
  if (faults.length + unsafe.length > 0) process.exitCode = 1;
} finally {
  await server.stop();
  await rm(folder, { recursive: true });
}
