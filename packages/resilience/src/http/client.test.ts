import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';

import { Problem, systemClock } from '@plinth/core';
import { eventually, testCtx } from '@plinth/testing';

import { presets } from '../presets.ts';
import { httpClient } from './index.ts';

const quick = (name: string) => ({
  ...presets.standard(name),
  retry: { ...presets.standard(name).retry, baseMs: 1, maxMs: 5 },
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

async function serve(t: TestContext, answer: Answer): Promise<string> {
  const server = createServer((request, response) => void answer(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert(typeof address === 'object' && address !== null, 'it listens on a port');
  return `http://127.0.0.1:${address.port}`;
}

function clientOf(t: TestContext, baseUrl: string) {
  const client = httpClient({ baseUrl, pipeline: quick(`port-${new URL(baseUrl).port}`) });
  t.after(() => client.close());
  return client;
}

/** Answers with these statuses in turn, the last one for ever. */
function statuses(list: readonly number[], seen: IncomingMessage[] = []): Answer {
  return (request, response) => {
    seen.push(request);
    response.writeHead(list[Math.min(seen.length, list.length) - 1] ?? 200).end('{"n":1}');
  };
}

for (const [method, options, attempts] of [
  ['GET', {}, 3],
  ['HEAD', {}, 3],
  ['PUT', {}, 3],
  ['DELETE', {}, 3],
  ['POST', {}, 1],
  ['PATCH', {}, 1],
  ['POST', { idempotencyKey: 'k1' }, 3],
  ['PATCH', { idempotent: true }, 3],
  ['GET', { once: true }, 1],
] as const) {
  test(`${method} ${JSON.stringify(options)} that meets 503 is sent ${attempts} times`, async (t) => {
    const seen: IncomingMessage[] = [];
    const client = clientOf(t, await serve(t, statuses([503, 503, 200], seen)));

    const { status } = await client.request({ method, path: '/a', ...options });

    assert.equal(status, attempts === 3 ? 200 : 503);
    assert.equal(seen.length, attempts);
    const keys = new Set(seen.map(({ headers }) => headers['idempotency-key']));
    assert.equal(keys.size, 1, 'every attempt has the same key');
  });
}

test('after its retries the caller gets the answer itself', async (t) => {
  const client = clientOf(t, await serve(t, statuses([503])));

  const result = await client.request({ method: 'GET', path: '/a' });

  assert.equal(result.status, 503);
  assert.deepEqual(result.json(), { n: 1 });
});

test('an answer of a callee that gave up itself is not asked for again', async (t) => {
  let calls = 0;
  const origin = await serve(t, (_request, response) => {
    calls += 1;
    response.writeHead(503, { 'plinth-no-retry': '1' }).end();
  });

  const { status } = await clientOf(t, origin).request({ method: 'GET', path: '/' });

  assert.equal(status, 503);
  assert.equal(calls, 1);
});

test('a POST to a server that is not there is tried again, since it never left', async (t) => {
  const client = clientOf(t, 'http://127.0.0.1:1');

  await assert.rejects(client.request({ method: 'POST', path: '/' }), { code: 'ECONNREFUSED' });

  assert.deepEqual(client.pipeline.stats().attempts, [1, 1, 1, 1]);
});

const twoPieces = () => Readable.from([Buffer.from('one '), Buffer.from('two')]);

test('a body from a function is sent whole at each attempt', async (t) => {
  const bodies: string[] = [];
  const origin = await serve(t, async (request, response) => {
    bodies.push(await text(request));
    response.writeHead(bodies.length === 1 ? 503 : 200).end();
  });

  await clientOf(t, origin).request({ method: 'PUT', path: '/', body: twoPieces });

  assert.deepEqual(bodies, ['one two', 'one two']);
});

test('trace, attempt and what is left of the deadline go along', async (t) => {
  const seen: IncomingMessage[] = [];
  const client = clientOf(t, await serve(t, statuses([503, 200], seen)));
  const ctx = testCtx({ withinMs: 2_000 });

  await client.request({ method: 'GET', path: '/a', query: { q: 'x y', none: undefined }, ctx });

  const [first, second] = seen.map(({ headers }) => headers);
  assert.equal(seen[0]?.url, '/a?q=x+y');
  assert.equal(first?.['traceparent'], ctx.traceparent);
  assert.equal(second?.['plinth-attempt'], '2');
  const left = Number(second['plinth-deadline-ms']);
  assert(left > 0 && left <= 1_995, `${left} ms are left`);
});

test('through three servers the last has less time than the first, and nothing runs on', async (t) => {
  const told: number[] = [];
  const aborted: string[] = [];
  const hang = await serve(t, (request, response) => {
    told.push(Number(request.headers['plinth-deadline-ms']));
    response.once('close', () => aborted.push('last'));
  });
  const inner = clientOf(t, hang);
  const middle = await serve(t, async (request, response) => {
    const leftMs = Number(request.headers['plinth-deadline-ms']);
    told.push(leftMs);
    const deadlineMs = systemClock.mono() + leftMs;
    await inner.request({ method: 'GET', path: '/', deadlineMs }).catch(() => undefined);
    response.end();
  });

  const outer = clientOf(t, middle).request({
    method: 'GET',
    path: '/',
    deadlineMs: systemClock.mono() + 400,
  });

  // The middle one may just be in time to say that it was too late.
  await Promise.allSettled([outer]);
  await eventually(() => aborted.length === 1, { withinMs: 30_000 });
  const [first = 0, last = 0] = told;
  assert(first <= 395 && last < first, `${first} ms, then ${last} ms`);
});

test('an answer that is too large is refused', async (t) => {
  const origin = await serve(t, (_request, response) => void response.end('x'.repeat(2_000)));

  const call = clientOf(t, origin).request({ method: 'GET', path: '/', bytesMax: 1_000 });

  await assert.rejects(call, { code: 'resilience.response_too_large' });
});

test('a stream that nobody reads is destroyed within a second or so', async (t) => {
  const origin = await serve(t, (_request, response) => void response.write('x'.repeat(100)));

  const { body, status } = await clientOf(t, origin).stream({ method: 'GET', path: '/' });

  assert.equal(status, 200);
  await eventually(() => body.destroyed, { withinMs: 30_000 });
});

test('a caller that goes away ends the request at the target', async (t) => {
  const closed = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const origin = await serve(t, (_request, response) => {
    response.once('close', closed.resolve);
    arrived.resolve();
  });
  const controller = new AbortController();

  const { signal } = controller;
  const call = clientOf(t, origin).request({ method: 'GET', path: '/', signal });
  await arrived.promise;
  controller.abort(new Problem('gone', { code: 'x.gone', kind: 'cancelled' }));

  await assert.rejects(call, { code: 'x.gone' });
  await closed.promise;
});
