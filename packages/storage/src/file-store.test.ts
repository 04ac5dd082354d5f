import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, utimes, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { createIds, systemClock, type Clock } from '@plinth/core';

import { createFileStore } from './file-store.ts';
import { testBlobStore } from './storage-conformance.ts';

const newId = createIds(systemClock);

async function emptyFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-blobs-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

testBlobStore('the file store', async (t: TestContext, clock: Clock) =>
  createFileStore({ folder: await emptyFolder(t), clock, newId }),
);

test('the file store leaves no file of a put that failed', async (t) => {
  const folder = await emptyFolder(t);
  const store = createFileStore({ folder, clock: systemClock, newId });

  const put = store.put('t/a/b', Buffer.alloc(10), { tenant: 't', type: 'x/y', bytesMax: 9 });

  await assert.rejects(put, { code: 'storage.too_large' });
  assert.deepEqual(await readdir(folder, { recursive: true }), ['.uploads']);
});

test('the file store sweeps the upload of a process that died, and not one that goes on', async (t) => {
  const folder = await emptyFolder(t);
  const store = createFileStore({ folder, clock: systemClock, newId });
  await mkdir(join(folder, '.uploads'));
  for (const name of ['dead', 'alive']) await writeFile(join(folder, '.uploads', name), 'x');
  const twoHoursAgo = systemClock.now() / 1_000 - 7_200;
  await utimes(join(folder, '.uploads', 'dead'), twoHoursAgo, twoHoursAgo);

  const swept = await store.sweep();

  assert.equal(swept, 1);
  assert.deepEqual(await readdir(join(folder, '.uploads')), ['alive']);
});
