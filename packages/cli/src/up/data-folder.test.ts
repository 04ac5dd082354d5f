import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { holdDataFolder, prepareDataFolder, readMasterKey } from './data-folder.ts';
import { checkPort } from './port.ts';

async function createFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-data-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test('a second start on one folder says where the first runs', async (t) => {
  const folder = await createFolder(t);
  const release = await holdDataFolder(folder, 'http://127.0.0.1:3000');

  await assert.rejects(holdDataFolder(folder, 'http://127.0.0.1:3001'), {
    message: `Plinth already runs here: http://127.0.0.1:3000 (process ${process.pid}).`,
  });

  await release();
  await (
    await holdDataFolder(folder, 'http://127.0.0.1:3001')
  )();
});

test('what a killed process left behind holds nothing', async (t) => {
  const folder = await createFolder(t);
  const run = { pid: process.pid, pidStart: '1', url: 'http://127.0.0.1:1' };
  await writeFile(join(folder, 'run.json'), JSON.stringify(run));

  await (
    await holdDataFolder(folder, 'http://127.0.0.1:3000')
  )();

  await writeFile(join(folder, 'run.json'), '{"pid":');
  await (
    await holdDataFolder(folder, 'http://127.0.0.1:3000')
  )();
});

test('the master key is made once, and only its user can read it', async (t) => {
  const folder = await createFolder(t);

  const [first, second] = [await readMasterKey(folder), await readMasterKey(folder)];

  assert.equal(first, second);
  assert.match(first, /^dev:[A-Za-z0-9+/]{43}=$/u);
  assert.equal((await stat(join(folder, 'master.key'))).mode & 0o777, 0o600);
});

test('a data folder that cannot be made is told in one sentence', async (t) => {
  const folder = await createFolder(t);
  await writeFile(join(folder, 'file'), '');

  await assert.rejects(prepareDataFolder(join(folder, 'file', 'data')), {
    message: `The data folder ${join(folder, 'file', 'data')} cannot be written.`,
    exitCode: 4,
  });
  assert.equal(await readFile(join(folder, 'file'), 'utf8'), '');
});

test('a data folder below what the kernel makes is refused, and not tried for ever', async () => {
  for (const folder of ['/proc/plinth/data', '/proc/self/data', '/sys/plinth']) {
    await assert.rejects(prepareDataFolder(folder), {
      message: `The data folder ${folder} cannot be written.`,
      exitCode: 4,
    });
  }
});

test('a taken port is told with the command that avoids it', async (t) => {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => server.close());
  const address = server.address();
  assert(address !== null && typeof address === 'object');

  await assert.rejects(checkPort(address.port), {
    message: `Port ${address.port} is taken by another program.`,
    next: `Stop that one, or choose another port: HTTP_PORT=${address.port + 1} npm start`,
  });
});
