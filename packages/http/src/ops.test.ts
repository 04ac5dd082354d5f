import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { noTelemetry } from '@plinth/core';

import { createOps } from './ops.ts';

async function open(t: TestContext, token?: string): Promise<string> {
  const ops = createOps({
    telemetry: {
      ...noTelemetry,
      render: () => ({ contentType: 'text/plain; version=0.0.4', body: 'up 1\n' }),
    },
    phase: () => 'ready',
    introspect: () => ({ role: 'all' }),
    token,
  });
  await ops.start?.(AbortSignal.timeout(1_000));
  t.after(() => ops.stop?.(AbortSignal.timeout(1_000)));
  return ops.address();
}

test('metrics, health and what the process is are read on loopback', async (t) => {
  const url = await open(t);
  const read = async (path: string) => {
    const response = await fetch(url + path);
    return [response.status, await response.text()];
  };

  assert.deepEqual(await read('/metrics'), [200, 'up 1\n']);
  assert.deepEqual(await read('/healthz/ready'), [200, 'ok']);
  assert.deepEqual(await read('/ops/v1/health'), [200, '[]']);
  assert.deepEqual(await read('/ops/v1/introspect'), [200, '{"role":"all"}']);
  assert.deepEqual(await read('/anything'), [404, '']);
});

test('with a token what the process is needs it, metrics do not', async (t) => {
  const url = await open(t, 'a'.repeat(32));
  const read = async (authorization: string) =>
    (await fetch(`${url}/ops/v1/introspect`, { headers: { authorization } })).status;

  assert.deepEqual(
    [await read(''), await read('Bearer wrong'), await read(`Bearer ${'a'.repeat(32)}`)],
    [401, 401, 200],
  );
  assert.equal((await fetch(`${url}/metrics`)).status, 200);
});
