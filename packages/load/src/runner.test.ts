import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { test, type TestContext } from 'node:test';

import { judgeRun } from './gate.ts';
import { run, type RunResult } from './runner.ts';
import type { Mix } from './scenario.ts';
import type { Visitor } from './visitor.ts';

const gates = {
  p95: {
    query: {
      kind: 'quantile',
      q: 0.95,
      of: { metric: 'http_server_request_duration_seconds' },
      by: [],
    },
    below: 0.5,
  },
  errors: {
    query: {
      kind: 'ratio',
      of: { kind: 'rate', of: { metric: 'http_server_request_duration_seconds' }, by: [] },
      to: { kind: 'rate', of: { metric: 'http_server_request_duration_seconds' }, by: [] },
    },
    below: 0.001,
  },
} as const;

const mix: Mix = {
  name: 'two',
  data: [],
  scenarios: [
    {
      name: 'read',
      weight: 1,
      steps: [
        {
          name: 'read',
          route: '/v1/a',
          method: 'GET',
          path: '/v1/a',
          expect: [200],
          class: 'read',
        },
      ],
    },
    {
      name: 'write',
      weight: 1,
      steps: [
        {
          name: 'make',
          route: '/v1/b',
          method: 'POST',
          path: '/v1/b',
          body: {},
          expect: [201],
          class: 'write',
          keyed: true,
          save: { made: '/id' },
        },
        {
          name: 'see',
          route: '/v1/b/:id',
          method: 'GET',
          path: '/v1/b/{made}',
          expect: [200],
          class: 'read',
        },
      ],
    },
  ],
};
const visitor: Visitor = { headers: {}, draw: () => new Map() };

async function loadServer(
  t: TestContext,
  listener: RequestListener,
  durationMs = 1_500,
): Promise<RunResult> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert(address !== null && typeof address === 'object');
  return run({
    target: new URL(`http://127.0.0.1:${address.port}`),
    mix,
    visitors: [visitor],
    ratePerS: 200,
    durationMs,
    warmUpMs: 0,
    arrivals: 'even',
    seed: 7,
    timeoutMs: 5_000,
    signal: t.signal,
  });
}

const answer: RequestListener = (request, response) => {
  request.resume();
  response.writeHead(request.method === 'POST' ? 201 : 200).end('{"id":"7"}');
};

test('a server that answers passes, and what one step saved reaches the next', async (t) => {
  const paths = new Set<string>();

  const result = await loadServer(t, (request, response) => {
    paths.add(request.url ?? '');
    answer(request, response);
  });

  assert.deepEqual([...paths].toSorted(), ['/v1/a', '/v1/b', '/v1/b/7']);
  assert(['passed', 'noisy'].includes(judgeRun(result, gates).verdict));
  assert.equal(result.total.failed, 0);
});

test('a stall of the server is in the latency of all who came meanwhile', async (t) => {
  const stallMs = 600;
  const began = performance.now();
  const held: (() => void)[] = [];
  const timer = setInterval(() => {
    if (performance.now() - began > stallMs) for (const release of held.splice(0)) release();
  }, 5);
  t.after(() => clearInterval(timer));

  const result = await loadServer(t, (request, response) => {
    if (performance.now() - began > stallMs) answer(request, response);
    else held.push(() => answer(request, response));
  });

  // Of 1.5 s, 0.6 s stall: a closed loop would have sent nothing meanwhile and seen one slow answer.
  assert(result.total.latency.percentile(0.8) > 100_000);
});

test('a slow route fails the gate, and is named', async (t) => {
  const waiting: { due: number; send(): void }[] = [];
  const timer = setInterval(() => {
    while ((waiting[0]?.due ?? Infinity) <= performance.now()) waiting.shift()?.send();
  }, 5);
  t.after(() => clearInterval(timer));

  const result = await loadServer(t, (request, response) => {
    if (request.url !== '/v1/a') answer(request, response);
    else waiting.push({ due: performance.now() + 600, send: () => answer(request, response) });
  });
  const { verdict, why, rows } = judgeRun(result, gates);

  assert.match(why, /p95 of GET \/v1\/a is \d+ ms, must be below 500 ms/u);
  assert(verdict === 'failed' || verdict === 'invalid', verdict);
  assert(rows.some(({ route, pass }) => route === 'GET /v1/b/:id' && pass));
});

test('errors fail the gate even while the generator is late', async (t) => {
  const result = await loadServer(t, (request, response) => {
    request.resume();
    response.writeHead(500).end();
  });

  assert.equal(judgeRun(result, gates).verdict, 'failed');
  assert.equal(result.total.errors.get('status'), result.total.requests);
});

test('a mix that hardly writes is refused', async () => {
  const reads = { ...mix, scenarios: mix.scenarios.slice(0, 1) };

  await assert.rejects(
    run({
      target: new URL('http://127.0.0.1:1'),
      mix: reads,
      visitors: [visitor],
      ratePerS: 1,
      durationMs: 1,
      warmUpMs: 0,
      arrivals: 'even',
      seed: 1,
      timeoutMs: 1,
      signal: AbortSignal.abort(),
    }),
    /0 % of the requests write/u,
  );
});
