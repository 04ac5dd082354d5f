import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';

import { eventually } from './eventually.ts';
import { faultProxy } from './fault-proxy.ts';
import { startProcess } from './process.ts';

test('eventually gives what its check gave at last', async () => {
  let count = 0;

  const result = await eventually(() => {
    count += 1;
    return count > 2 && count;
  });

  assert.equal(result, 3);
});

test('eventually tells the last failure when the time is up', async () => {
  const never = eventually(
    () => {
      throw new Error('not yet');
    },
    { withinMs: 10 },
  );

  await assert.rejects(never, /not yet/u);
});

const node = (code: string) => [process.execPath, '--eval', code];

test('startProcess waits for a line, and tells what a program said that ended before', async (t) => {
  const proc = await startProcess(t, node('console.log("ready 7"); setInterval(() => {}, 9)'), {
    ready: /ready/u,
  });
  const ended = startProcess(t, node('console.log("no luck"); process.exitCode = 3'), {
    ready: /ready/u,
  });

  assert.equal((await proc.waitFor(/ready (\d)/u))[1], '7');
  await assert.rejects(ended, /ended with 3:\nno luck/u);
  proc.kill('SIGKILL');
  assert.equal(await proc.exit, 'SIGKILL');
});

async function startEcho(t: TestContext): Promise<number> {
  const server = createServer((socket) => socket.pipe(socket).on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server on a port has this form of address
  return (server.address() as AddressInfo).port;
}

test('faultProxy carries, holds back, cuts and heals', async (t) => {
  const proxy = await faultProxy(t, { port: await startEcho(t) });
  const socket = connect(proxy.port, '127.0.0.1');
  let received = '';
  socket.on('data', (piece) => (received += String(piece)));

  socket.write('one');
  await eventually(() => received === 'one');
  proxy.half('down');
  socket.write('two');
  proxy.heal();
  socket.write('three');
  await eventually(() => received.endsWith('three'));
  proxy.cut('reset');

  const [error] = await once(socket, 'error');
  assert.equal(error.code, 'ECONNRESET');
  assert.equal(proxy.connectionCount(), 1);
});

test('faultProxy lets through so many bytes and no more', async (t) => {
  const proxy = await faultProxy(t, { port: await startEcho(t) });
  proxy.cutAfter(4);
  const socket = connect(proxy.port, '127.0.0.1');

  socket.write('123456');

  await once(socket, 'error');
});
