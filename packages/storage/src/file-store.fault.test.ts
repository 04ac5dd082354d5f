import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { createIds, systemClock } from '@plinth/core';

import { createFileStore } from './file-store.ts';

const run = promisify(execFile);
const timeoutMs = 20_000;
const source = JSON.stringify(import.meta.resolve('./file-store.ts'));

/** Puts four blobs of 400 KiB where there is room for two, then removes one and puts again. */
const fillDisk = `
import { readdirSync } from 'node:fs';
import { createIds, systemClock } from '@plinth/core';
import { createFileStore } from ${source};
const store = createFileStore({ folder: process.argv[1], clock: systemClock, newId: createIds(systemClock) });
const put = (name) => store.put('t/' + name, Buffer.alloc(409_600, name), { tenant: 't', type: 'x/y', bytesMax: 1e6 })
  .then(({ bytes }) => bytes, ({ code }) => code);
const said = [];
for (const name of ['a', 'b', 'c', 'd']) said.push(await put(name));
const uploads = readdirSync(process.argv[1] + '/.uploads').length;
await store.remove('t/a');
said.push(await put('e'));
const keys = (await store.list('t/')).map(({ key }) => key);
console.log(JSON.stringify({ said, uploads, keys }));
`;

test('a disk that is full refuses the blob, leaves nothing of it, and takes the next when there is room', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-full-'));
  t.after(() => rm(folder, { recursive: true }));
  const script = `mount -t tmpfs -o size=1m none ${folder} && exec "$0" --input-type=module-typescript --eval "$1" ${folder}`;
  const args = ['--user', '--map-root-user', '--mount', 'sh', '-c', script];

  const { stdout } = await run('unshare', [...args, process.execPath, fillDisk], {
    cwd: import.meta.dirname,
    timeout: timeoutMs,
  });

  assert.deepEqual(JSON.parse(stdout), {
    said: [409_600, 409_600, 'storage.full', 'storage.full', 409_600],
    uploads: 0,
    keys: ['t/b', 't/e'],
  });
});

/** Puts one blob after the other, and says each that was acknowledged. */
const putForEver = `
import { createIds, systemClock } from '@plinth/core';
import { createFileStore } from ${source};
const store = createFileStore({ folder: process.argv[1], clock: systemClock, newId: createIds(systemClock) });
for (let i = 0; ; i += 1) {
  const { sha256 } = await store.put('t/' + i, Buffer.alloc(300_000, String(i)), { tenant: 't', type: 'x/y', bytesMax: 1e6 });
  process.stdout.write('t/' + i + ' ' + sha256 + '\\n');
}
`;

test('a process that is killed in the middle of a put leaves each acknowledged blob whole and no other', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-killed-'));
  t.after(() => rm(folder, { recursive: true }));
  const args = ['--input-type=module-typescript', '--eval', putForEver, folder];
  const child = spawn(process.execPath, args, { cwd: import.meta.dirname });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  const enough = Promise.withResolvers<void>();
  child.stdout.on('data', (text: Buffer) => {
    said += text.toString();
    if (said.split('\n').length > 20) enough.resolve();
  });

  await enough.promise;
  child.kill('SIGKILL');
  await once(child, 'close');

  const store = createFileStore({ folder, clock: systemClock, newId: createIds(systemClock) });
  const acknowledged = said
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  for (const [key = '', sha256] of acknowledged) {
    const found = await store.open(key);
    assert.equal(found.sha256, sha256);
    assert.equal((await buffer(found.body)).length, 300_000);
  }
  const listed = await store.list('t/');
  assert(listed.length - acknowledged.length <= 1, 'at most one was not yet acknowledged');
  assert((await readdir(join(folder, '.uploads'))).length <= 1, 'the sweep finds at most one');
  assert.equal((await readFile(join(folder, 't/0~'))).length, 300_512);
});
