import assert from 'node:assert/strict';
import { test } from 'node:test';

import { config, startNotes } from './notes-app.test.ts';
import { isWhole, sendRaw } from './raw-socket.test.ts';

/** `HOST` stands for the right one. Verdicts are those of the gateway's table. */
const refused: readonly (readonly [what: string, bytes: string, status: number])[] = [
  [
    'two Content-Length',
    'POST /v1/notes HTTP/1.1\r\nHost: HOST\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}',
    400,
  ],
  [
    'a listed Content-Length',
    'POST /v1/notes HTTP/1.1\r\nHost: HOST\r\nContent-Length: 2, 2\r\n\r\n{}',
    400,
  ],
  [
    'a signed Content-Length',
    'POST /v1/notes HTTP/1.1\r\nHost: HOST\r\nContent-Length: +2\r\n\r\n{}',
    400,
  ],
  [
    'both framings',
    'POST /v1/notes HTTP/1.1\r\nHost: HOST\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
  [
    'gzip, chunked',
    'POST /v1/notes HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    501,
  ],
  [
    'identity, chunked',
    'POST /v1/notes HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n',
    501,
  ],
  [
    'chunked in HTTP/1.0',
    'POST /v1/notes HTTP/1.0\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
  [
    'a chunked GET',
    'GET /v1/notes HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
  ['HTTP/2.0 as a version', 'GET /v1/notes HTTP/2.0\r\nHost: HOST\r\n\r\n', 505],
  ['no Host', 'GET /v1/notes HTTP/1.1\r\n\r\n', 400],
  ['no Host in HTTP/1.0', 'GET /v1/notes HTTP/1.0\r\n\r\n', 400],
  ['two Hosts', 'GET /v1/notes HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\n\r\n', 400],
  ['a Host with a comma', 'GET /v1/notes HTTP/1.1\r\nHost: HOST, HOST\r\n\r\n', 400],
  ['a Host with a path', 'GET /v1/notes HTTP/1.1\r\nHost: HOST/x\r\n\r\n', 400],
  ['a Host with a user', 'GET /v1/notes HTTP/1.1\r\nHost: a@HOST\r\n\r\n', 400],
  ['a Host that is not ours', 'GET /v1/notes HTTP/1.1\r\nHost: example.com\r\n\r\n', 421],
  ['an absolute target', 'GET http://HOST/v1/notes HTTP/1.1\r\nHost: HOST\r\n\r\n', 400],
  ['a target of two slashes', 'GET //v1/notes HTTP/1.1\r\nHost: HOST\r\n\r\n', 400],
  ['a backslash', 'GET /v1\\notes HTTP/1.1\r\nHost: HOST\r\n\r\n', 400],
  ['a fragment', 'GET /v1/notes#a HTTP/1.1\r\nHost: HOST\r\n\r\n', 400],
  ['a dot segment', 'GET /v1/../notes HTTP/1.1\r\nHost: HOST\r\n\r\n', 400],
  ['a last dot segment', 'GET /v1/.. HTTP/1.1\r\nHost: HOST\r\n\r\n', 400],
  ['an encoded dot segment', 'GET /v1/%2e%2E/notes HTTP/1.1\r\nHost: HOST\r\n\r\n', 400],
  ['an encoded slash', 'GET /v1%2fnotes HTTP/1.1\r\nHost: HOST\r\n\r\n', 400],
  ['an encoded backslash', 'GET /v1%5cnotes HTTP/1.1\r\nHost: HOST\r\n\r\n', 400],
  ['an encoded NUL', 'GET /v1/notes%00 HTTP/1.1\r\nHost: HOST\r\n\r\n', 400],
  ['a NUL in the query', 'GET /v1/notes?tag=%00 HTTP/1.1\r\nHost: HOST\r\n\r\n', 400],
  ['broken UTF-8', 'GET /v1/notes/%ff HTTP/1.1\r\nHost: HOST\r\n\r\n', 400],
  ['half an escape', 'GET /v1/notes?tag=%4 HTTP/1.1\r\nHost: HOST\r\n\r\n', 400],
  ['raw UTF-8', 'GET /v1/notes/\u00e4 HTTP/1.1\r\nHost: HOST\r\n\r\n', 400],
  [
    'a target of 9,000 characters',
    `GET /v1/notes?tag=${'a'.repeat(9_000)} HTTP/1.1\r\nHost: HOST\r\n\r\n`,
    414,
  ],
  [
    '17,000 bytes of headers',
    `GET /v1/notes HTTP/1.1\r\nHost: HOST\r\nX-A: ${'a'.repeat(17_000)}\r\n\r\n`,
    431,
  ],
  ['101 headers', `GET /v1/notes HTTP/1.1\r\nHost: HOST\r\n${'X-A: 1\r\n'.repeat(100)}\r\n`, 431],
  ['TRACE', 'TRACE /v1/notes HTTP/1.1\r\nHost: HOST\r\n\r\n', 405],
  ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nHost: HOST\r\n\r\n', 405],
  ['a method of another protocol', 'PROPFIND /v1/notes HTTP/1.1\r\nHost: HOST\r\n\r\n', 501],
  ['a lower-case method', 'get /v1/notes HTTP/1.1\r\nHost: HOST\r\n\r\n', 400],
  [
    'two Authorization',
    'GET /v1/notes HTTP/1.1\r\nHost: HOST\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n',
    400,
  ],
  [
    'two If-Match',
    'GET /v1/notes HTTP/1.1\r\nHost: HOST\r\nIf-Match: "1"\r\nIf-Match: "2"\r\n\r\n',
    400,
  ],
  [
    'two Idempotency-Key',
    'GET /v1/notes HTTP/1.1\r\nHost: HOST\r\nIdempotency-Key: 1\r\nIdempotency-Key: 2\r\n\r\n',
    400,
  ],
  [
    'a Connection that names Content-Length',
    'GET /v1/notes HTTP/1.1\r\nHost: HOST\r\nConnection: keep-alive, content-length\r\n\r\n',
    400,
  ],
  [
    'a Connection that names Cookie',
    'GET /v1/notes HTTP/1.1\r\nHost: HOST\r\nConnection: close, Cookie\r\n\r\n',
    400,
  ],
  ['a bare line feed', 'GET /v1/notes HTTP/1.1\nHost: HOST\n\n', 400],
  ['a space before the colon', 'GET /v1/notes HTTP/1.1\r\nHost: HOST\r\nX-A : 1\r\n\r\n', 400],
  ['a folded header', 'GET /v1/notes HTTP/1.1\r\nHost: HOST\r\nX-A: 1\r\n b\r\n\r\n', 400],
];

test('a request that two servers could understand differently is refused, and its connection ends', async (t) => {
  const app = await startNotes(t);
  const { host } = new URL(app.url);

  const answers = await Promise.all(
    refused.map(([, bytes]) => sendRaw(app.url, bytes.replaceAll('HOST', host))),
  );

  assert.deepEqual(
    answers.map(({ status, isClosed }, index) => [refused[index]?.[0], status, isClosed]),
    refused.map(([what, , status]) => [what, status, true]),
  );
  assert(answers.every(({ text }) => !text.includes('    at ')));
  assert(answers.every(({ text }) => text.includes('application/problem+json')));
});

test('two requests sent in one go are answered in their order', async (t) => {
  const app = await startNotes(t);
  const { host } = new URL(app.url);
  const one = (query: string) =>
    `GET /v1/notes?limit=${query} HTTP/1.1\r\nHost: ${host}\r\nCookie: sid=${app.cookie}\r\n\r\n`;

  const { text } = await sendRaw(app.url, one('3') + one('4'), (all) => all.includes('"limit":4'));

  assert(text.indexOf('"limit":3') < text.indexOf('"limit":4'));
});

test('a head that does not end is cut off with 408, others are served meanwhile', async (t) => {
  const limits = { headersTimeoutMs: 200, checkMs: 50 };
  const app = await startNotes(t, { limits });
  const { host } = new URL(app.url);

  const slow = sendRaw(app.url, `GET /v1/notes HTTP/1.1\r\nHost: ${host}\r\n`);
  const other = await app.fetch('/v1/notes');
  const { status, isClosed } = await slow;

  assert.equal(other.status, 200);
  assert.deepEqual([status, isClosed], [408, true]);
});

test('a body that does not end is cut off with 408', async (t) => {
  const app = await startNotes(t, { limits: { bodyTimeoutMs: 100 } });
  const { host } = new URL(app.url);
  const head =
    `POST /v1/notes HTTP/1.1\r\nHost: ${host}\r\nCookie: sid=${app.cookie}\r\n` +
    'Sec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{"te';

  const { status, isClosed, text } = await sendRaw(app.url, head);

  assert.deepEqual([status, isClosed], [408, true]);
  assert.match(text, /http\.slow_body/u);
});

test('only a trusted peer is believed about whom it speaks for', async (t) => {
  const plain = await startNotes(t);
  const behind = await startNotes(t, { config: { ...config, trustProxy: ['127.0.0.0/8'] } });
  const ask = async (app: typeof plain, headers: string) => {
    const { host } = new URL(app.url);
    const head = `GET /v1/notes?nope=1 HTTP/1.1\r\nHost: ${host}\r\nCookie: sid=${app.cookie}\r\n`;
    return sendRaw(app.url, `${head}${headers}\r\n\r\n`, isWhole);
  };
  const id = 'X-Request-Id: from-the-edge-1';

  assert.doesNotMatch((await ask(plain, id)).text, /from-the-edge-1/u);
  assert.match((await ask(behind, id)).text, /urn:request:from-the-edge-1/u);
  assert.equal((await ask(behind, 'X-Forwarded-For: nonsense')).status, 400);
  assert.equal(
    (await ask(behind, `X-Forwarded-For: ${'10.0.0.1, '.repeat(17)}10.0.0.1`)).status,
    400,
  );
});
