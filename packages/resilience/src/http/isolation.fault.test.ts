import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';

import { faultProxy } from '@plinth/testing';

import { presets } from '../presets.ts';
import { httpClient, type HttpClient } from './index.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

async function listen(t: TestContext, answer: Answer): Promise<number> {
  const server = createServer((request, response) => void answer(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A process with a route that asks a dependency and one that does not. */
async function startProduct(t: TestContext, dependency: HttpClient): Promise<string> {
  const port = await listen(t, async (request, response) => {
    if (request.url === '/own') {
      response.end('ok');
      return;
    }
    const answer = await dependency.request({ method: 'GET', path: '/' }).catch(() => undefined);
    response.writeHead(answer?.status ?? 503).end();
  });
  return `http://127.0.0.1:${port}`;
}

/** Of 300 requests to the route of its own, while others keep asking for what is ill. */
async function p95OfOwn(origin: string): Promise<number> {
  const own = httpClient({ baseUrl: origin, pipeline: presets.none('own') });
  const asking = httpClient({ baseUrl: origin, pipeline: presets.none('asking') });
  const controller = new AbortController();
  const { signal } = controller;
  const ask = async () => {
    while (!signal.aborted)
      await asking.request({ method: 'GET', path: '/dep', signal }).catch(() => undefined);
  };
  const asks = Array.from({ length: 20 }, ask);
  const times: number[] = [];
  for (let request = 0; request < 300; request += 1) {
    const began = performance.now();
    await own.request({ method: 'GET', path: '/own' });
    times.push(performance.now() - began);
  }
  controller.abort();
  await Promise.all(asks);
  await Promise.all([own.close(), asking.close()]);
  return times.toSorted((a, b) => a - b)[285] ?? Infinity;
}

test('a dependency that hangs, errs or is slow leaves other routes at their usual latency', async (t) => {
  let isErring = false;
  const target = await listen(t, (_request, response) =>
    response.writeHead(isErring ? 500 : 200).end('{}'),
  );
  const proxy = await faultProxy(t, { port: target });
  const preset = presets.standard('dependency');
  const dependency = httpClient({
    baseUrl: `http://127.0.0.1:${proxy.port}`,
    pipeline: {
      ...preset,
      attemptTimeoutMs: 200,
      totalTimeoutMs: 1_000,
      bulkhead: { ...preset.bulkhead, max: 8 },
      breaker: { ...preset.breaker, windowMs: 1_000, breakMs: 300, maxBreakMs: 600 },
    },
  });
  t.after(() => dependency.close());
  const origin = await startProduct(t, dependency);

  const well = await p95OfOwn(origin);
  proxy.cut('blackhole');
  const hanging = await p95OfOwn(origin);
  proxy.heal();
  proxy.delay(150);
  const slow = await p95OfOwn(origin);
  proxy.heal();
  isErring = true;
  const erring = await p95OfOwn(origin);

  // Usual is that of a well dependency, which costs the process more than an ill one; 25 ms for a busy machine.
  const limit = 2 * well + 25;
  t.diagnostic(`p95 ms: well ${well}, hanging ${hanging}, slow ${slow}, erring ${erring}`);
  assert(Math.max(hanging, slow, erring) < limit, `${hanging}, ${slow}, ${erring}; limit ${limit}`);
});
