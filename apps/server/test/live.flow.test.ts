import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { test, type TestContext } from 'node:test';

import { cloneDatabase, eventually, startRedis } from '@plinth/testing';

import { migrations } from '../src/modules.ts';
import { signIn } from './api.ts';
import { startServed } from './served.ts';
import { password } from './site.ts';

const withinMs = 30_000;
const protocol = 'plinth.rt.1';

interface Listening {
  /** All that came, as text. */
  text(): string;
  readonly ended: Promise<number>;
}

/** Node's own client, which is another's work. */
function openSocket(t: TestContext, url: string, cookie: string): Listening {
  const { origin } = new URL(url);
  const socket = new WebSocket(url.replace(/^http/u, 'ws'), {
    protocols: [protocol],
    headers: { cookie, origin },
  });
  t.after(() => socket.close());
  let text = '';
  const ended = Promise.withResolvers<number>();
  socket.addEventListener('message', ({ data }) => (text += String(data)));
  socket.addEventListener('close', ({ code }) => ended.resolve(code));
  return { text: () => text, ended: ended.promise };
}

async function openStream(t: TestContext, url: string, cookie: string): Promise<Listening> {
  const ending = new AbortController();
  t.after(() => ending.abort());
  const headers = { cookie, 'sec-fetch-site': 'same-origin' };
  const answer = await fetch(url, { headers, signal: ending.signal });
  assert.equal(answer.status, 200);
  let text = '';
  const read = async () => {
    for await (const part of answer.body ?? []) text += Buffer.from(part).toString();
    return Number(/"code":(\d+)/u.exec(text)?.[1] ?? 0);
  };
  return { text: () => text, ended: read() };
}

/** @returns the status of an opening that is not ours to accept; a refusal is an answer like any other. */
async function upgradeStatus(url: string, headers: Record<string, string>): Promise<number> {
  const asked = request(url, {
    agent: false,
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': Buffer.alloc(16).toString('base64'),
      'sec-websocket-protocol': protocol,
      ...headers,
    },
  });
  asked.end();
  const [answer] = await once(asked, 'response');
  answer.resume();
  return Number(answer.statusCode);
}

test('a stream and a socket at two processes hear both, and a session that ends loses them at once', async (t) => {
  const redis = await startRedis(t);
  const { url } = await cloneDatabase(t, { migrations });
  const environment = { REDIS_URL: redis.url };
  const [one, other] = await Promise.all([
    startServed(t, url, environment),
    startServed(t, url, environment),
  ]);
  const { tenantId } = await one.provision('acme');
  const owner = await signIn(one.url, 'owner@acme.example', password);
  const clerk = await signIn(one.url, 'clerk@acme.example', password);
  const { cookie } = clerk;
  const channels = `ch=t/${tenantId}/customers`;
  const socket = openSocket(t, `${other.url}/rt/ws?${channels}`, cookie);
  const stream = await openStream(t, `${one.url}/rt?${channels}`, cookie);
  for (const reader of [socket, stream]) {
    await eventually(() => assert.match(reader.text(), /hello/u), { withinMs });
  }

  const { origin } = new URL(other.url);
  const refusals = await Promise.all([
    upgradeStatus(`${other.url}/rt/ws`, { origin }),
    upgradeStatus(`${other.url}/rt/ws`, { origin: 'https://theirs.example', cookie }),
    upgradeStatus(`${other.url}/rt/ws`, { origin, cookie, host: 'elsewhere.example' }),
    upgradeStatus(`${other.url}/rt/wss`, { origin, cookie }),
  ]);
  assert.deepEqual(refusals, [401, 403, 421, 404]);

  const made = await owner.send('POST', '/v1/customers', {
    body: { name: 'First', country: 'DE', currency: 'EUR' },
  });
  assert.equal(made.status, 201);
  for (const reader of [socket, stream]) {
    await eventually(() => assert.match(reader.text(), /customers\.customer/u), { withinMs });
  }

  const began = performance.now();
  const left = await clerk.send('DELETE', '/v1/session');
  assert(left.status < 300, `signing out answers ${left.status}`);
  assert.deepEqual(await Promise.all([socket.ended, stream.ended]), [4004, 4004]);
  t.diagnostic(`cut within ${Math.round(performance.now() - began)} ms of the request`);
});
