import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { Operation } from '@plinth/contract';

import { notes } from './notes-contract.test.ts';
import { startNotes, type NotesApp } from './notes-app.test.ts';

const each = 60;
const hostile = fc.constantFrom(
  "' or 1=1 --",
  '../../etc/passwd',
  '%2e%2e%2f',
  '\u0000',
  '\u202e',
  '\ud800',
  '${7*7}',
  '<script>',
  '9'.repeat(400),
  '-0',
  '1e999',
  'true',
  '[object Object]',
  '',
);
const text = fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 40 }));
const body = fc.oneof(
  fc.jsonValue({ maxDepth: 5 }).map((value) => JSON.stringify(value)),
  text,
  fc
    .dictionary(
      fc.oneof(fc.constantFrom('text', 'meta', 'user', 'tenant', '__proto__'), text),
      fc.jsonValue(),
    )
    .map((value) => JSON.stringify(value)),
  fc.constant(`${'['.repeat(300)}${']'.repeat(300)}`),
);
const header = fc.string({
  unit: fc.constantFrom(...Array.from('abcXYZ019"*,;=/- W')),
  maxLength: 60,
});
const request = fc.record({
  segment: text,
  query: fc.array(
    fc.tuple(fc.oneof(fc.constantFrom('limit', 'tag', 'open', 'n', 'format'), text), text),
    {
      maxLength: 4,
    },
  ),
  body,
  type: fc.constantFrom(
    'application/json',
    'text/csv',
    'text/plain',
    'multipart/form-data; boundary=x',
    '',
  ),
  ifMatch: header,
  ifNoneMatch: header,
  key: header,
});
type Mutation = typeof request extends fc.Arbitrary<infer value> ? value : never;

function send(app: NotesApp, { http }: Operation, mutation: Mutation): Promise<Response> {
  const path = (http?.path ?? '').replace(/:\w+/u, () => encode(mutation.segment));
  const query = mutation.query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  const method = http?.method ?? 'GET';
  return app.fetch(`/v1${path}${query === '' ? '' : `?${query}`}`, {
    method,
    headers: {
      'if-match': mutation.ifMatch.trim(),
      'if-none-match': mutation.ifNoneMatch.trim(),
      'idempotency-key': mutation.key.trim(),
      'content-type': mutation.type,
    },
    ...(method === 'GET' ? {} : { body: mutation.body }),
  });
}

const encode = (value: string) => encodeURIComponent(value.toWellFormed()) || 'x';

test('no mutation of a request is a failure of ours, and what is refused is a problem', async (t) => {
  const app = await startNotes(t);
  const operations = Object.entries(notes.operations).filter(
    ([name]) => !['waitLong', 'breakDown', 'exportNotes'].includes(name),
  );

  for (const [name, operation] of operations) {
    await fc.assert(
      fc.asyncProperty(request, async (mutation) => {
        const response = await send(app, operation, mutation);
        const answer = await response.text();

        assert(response.status < 500, `${name}: ${response.status} ${answer}`);
        assert(!answer.includes('    at '), answer);
        if (response.status < 400) return;
        assert.equal(response.headers.get('content-type'), 'application/problem+json');
        const { code, status } = JSON.parse(answer);
        assert.match(code, /^[a-z]+\.[a-z_]+$/u);
        assert.equal(status, response.status);
      }),
      { numRuns: each },
    );
  }
});
