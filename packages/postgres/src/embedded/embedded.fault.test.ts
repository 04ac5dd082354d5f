import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import { eventually, startProcess, testCtx, type Proc } from '@plinth/testing';

import { t as codec } from '../codecs.ts';
import { createDatabase } from '../create-database.ts';
import { sql } from '../sql.ts';
import { findEmbedded, startEmbedded } from './index.ts';
import { isRunning } from './owner-file.ts';

interface Started {
  readonly url: string;
  readonly adminUrl: string;
  readonly pid: number;
  readonly isAdopted: boolean;
}

const fixture = fileURLToPath(new URL('embedded-fixture.ts', import.meta.url));
const mark = sql({}, {})`create table public.mark (n int)`;
const marks = sql({}, { n: codec.int8n })`select count(*) as n from public.mark`;

/** The path has a space, and nobody else may enter it: as in a clone inside root's home. */
async function createFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth embedded-'));
  t.after(() => rm(folder, { recursive: true }));
  return join(folder, 'postgres');
}

async function start(t: TestContext, folder: string): Promise<Started & { proc: Proc }> {
  const proc = await startProcess(t, [process.execPath, fixture, folder]);
  const [line] = await proc.waitFor(/\{.*\}\n/u);
  const started: Started = JSON.parse(line);
  return { ...started, proc };
}

async function run(url: string, statement: typeof mark): Promise<void> {
  const database = createDatabase({ url });
  await database.run(testCtx(), statement, {});
  await database.drain(0);
}

async function countMarks(url: string): Promise<number> {
  const database = createDatabase({ url });
  const { n } = await database.one(testCtx(), marks, {});
  await database.drain(0);
  return n;
}

test('a first start has a server within seconds, and stop ends it', async (t) => {
  const folder = await createFolder(t);

  const server = await startEmbedded({ folder });

  assert.equal((await stat(join(folder, 'password'))).mode & 0o777, 0o600);
  assert(isRunning(server.pid));
  await server.stop();
  assert(!isRunning(server.pid));
});

test('the server that a killed process left is taken over, data and all', async (t) => {
  const folder = await createFolder(t);
  const first = await start(t, folder);
  await run(first.adminUrl, mark);
  first.proc.kill('SIGKILL');
  await first.proc.exit;

  const second = await startEmbedded({ folder });

  assert.equal(second.isAdopted, true);
  assert.equal(second.pid, first.pid);
  assert.equal(await countMarks(second.adminUrl), 0);
  await second.stop();
  assert(!isRunning(first.pid));
});

test('a second start says where the first runs, and leaves it alone', async (t) => {
  const folder = await createFolder(t);
  const server = await startEmbedded({ folder });
  await server.publishUrl('http://127.0.0.1:3000');

  await assert.rejects(startEmbedded({ folder }), {
    code: 'postgres.already_running',
    context: { folder, pid: process.pid, url: 'http://127.0.0.1:3000' },
  });

  assert.equal((await findEmbedded(folder))?.url, server.url);
  assert(isRunning(server.pid));
  await server.stop();
  assert.equal(await findEmbedded(folder), undefined);
});

test('a server that was killed is back on its port, with what was committed', async (t) => {
  const folder = await createFolder(t);
  const server = await startEmbedded({ folder });
  await run(server.adminUrl, mark);
  process.kill(server.pid, 'SIGKILL');

  const count = await eventually(() => countMarks(server.adminUrl), { withinMs: 20_000 });

  assert.equal(count, 0);
  await server.stop();
  assert.equal(await findEmbedded(folder), undefined);
});

test('a server that hangs is ended and another started', async (t) => {
  const folder = await createFolder(t);
  const first = await start(t, folder);
  first.proc.kill('SIGKILL');
  await first.proc.exit;
  process.kill(first.pid, 'SIGSTOP');

  const second = await startEmbedded({ folder });

  assert.notEqual(second.pid, first.pid);
  await second.stop();
});

test('a data folder that is not whole is told in one sentence, and kept', async (t) => {
  const folder = await createFolder(t);
  await mkdir(join(folder, 'data'), { recursive: true });
  await writeFile(join(folder, 'data', 'PG_VERSION'), '18\n');

  await assert.rejects(startEmbedded({ folder }), { code: 'postgres.data_folder_broken' });

  assert((await stat(join(folder, 'data', 'PG_VERSION'))).isFile());
});

test('a folder that cannot be written is told as such', async (t) => {
  const folder = await createFolder(t);
  await writeFile(folder, 'a file');

  await assert.rejects(startEmbedded({ folder: join(folder, 'below') }), {
    code: 'postgres.folder_not_writable',
  });
});

test('a port that is taken is named', async (t) => {
  const [one, other] = [await createFolder(t), await createFolder(t)];
  const server = await startEmbedded({ folder: one });

  await assert.rejects(startEmbedded({ folder: other, port: server.port }), {
    code: 'postgres.port_in_use',
  });

  await server.stop();
});
