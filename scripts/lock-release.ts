import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { migrate, type Migrations } from '@plinth/postgres';
import { describeRelease, loadTableFiles, readReleaseLock } from '@plinth/postgres/check';
import { startEmbedded } from '@plinth/postgres/embedded';

/** Writes down what a release has: `node scripts/lock-release.ts` with package.json's version raised. */
const path = 'sql.lock.json';
const { version: release }: { version: string } = JSON.parse(
  await readFile('packages/cli/package.json', 'utf8'),
);
const folder = await mkdtemp(join(tmpdir(), 'plinth-lock-'));
const server = await startEmbedded({ folder, settings: { fsync: 'off' } });
try {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own file
  const { migrations } = (await import('../apps/server/src/modules.ts')) as {
    migrations: readonly Migrations[];
  };
  await migrate(server.adminUrl, migrations);
  const { exceptions } = await readReleaseLock(path);
  const described = await describeRelease(server.adminUrl, migrations, await loadTableFiles('.'));
  // What held back the rollout beside the release before is over with this one.
  const lasting = exceptions.filter(({ rule }) => rule !== 'n-beside');
  const lock = { release, migrations: described.migrations, exceptions: lasting };
  const text = JSON.stringify({ ...lock, statements: described.statements }, undefined, 2);
  await writeFile(path, `${text}\n`);
  console.log(`${path}: release ${release}, ${described.statements.length} statements`);
} finally {
  await server.stop();
  await rm(folder, { recursive: true });
}
