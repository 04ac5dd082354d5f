import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Problem } from '@plinth/core';
import { z } from '@plinth/core/z';

import { command, defineModule, query, stream } from '../contract.ts';
import { get, post } from '../http-mapping.ts';
import { id, version } from '../shapes.ts';
import { createClient } from './client.ts';

const notes = defineModule('notes', {
  operations: {
    getNote: query({
      input: z.object({ id, tags: z.array(z.string()).optional(), all: z.boolean().optional() }),
      output: z.object({ id, text: z.string() }),
      permission: 'notes.read',
      http: get('/notes/:id'),
    }),
    changeNote: command({
      input: z.object({ id, version: version.optional(), text: z.string() }),
      output: z.object({ version }),
      permission: 'notes.write',
      http: post('/notes/:id', { ifMatch: 'required', idempotency: 'required' }),
    }),
    exportNotes: stream({
      input: z.object({ f: z.array(z.string()).optional() }),
      item: z.object({ id }),
      permission: 'notes.read',
      http: get('/notes/export'),
    }),
    uploadNotes: command({
      input: z.object({ blob: z.string(), fileName: z.string() }),
      output: z.object({ id }),
      permission: 'notes.write',
      http: post('/notes/upload', { upload: { bytesMax: 10, types: ['text/csv'] } }),
    }),
  },
});
const routes = {
  notes: {
    getNote: 'GET /notes/:id',
    changeNote: 'POST /notes/:id vk',
    exportNotes: 'GET /notes/export s',
    uploadNotes: 'POST /notes/upload u',
  },
};
type Modules = { readonly notes: typeof notes };

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}
type Reply = Response | Error;

function connect(replies: Reply[], more: Parameters<typeof createClient>[1] = {}) {
  const sent: Sent[] = [];
  const client = createClient<Modules>(routes, {
    ...more,
    fetch: async (url, init) => {
      sent.push({ url, init });
      const reply = replies.shift();
      if (reply instanceof Response) return reply;
      throw reply ?? new TypeError('no reply is left');
    },
  });
  return { sent, notes: client.notes };
}
const json = (body: unknown, init: ResponseInit = {}) => Response.json(body, init);
const answerOfNewer = () => json({ text: '' }, { headers: { 'plinth-min-build': '20260103' } });
const one = '01890a5d-ac96-774b-bcce-b302099a8057';

test('a query fills path and query, arrays by repetition', async () => {
  const { sent, notes: client } = connect([json({ id: one, text: 'a' })]);

  const answer = await client.getNote({ id: one, tags: ['a b', 'c'], all: true });

  assert.deepEqual(answer, { id: one, text: 'a' });
  assert.equal(sent[0]?.url, `/v1/notes/${one}?tags=a+b&tags=c&all=true`);
});

test('a command sends its version as If-Match, a key of its own, and the rest as JSON', async () => {
  const { sent, notes: client } = connect([json({ version: '2' }), json({ version: '3' })]);

  await client.changeNote({ id: one, version: '1', text: 'x' });
  await client.changeNote({ id: one, version: '2', text: 'y' }, { key: 'intent-1' });

  const headers = sent.map(({ init }) => new Headers(init.headers));
  assert.equal(headers[0]?.get('if-match'), '"1"');
  assert.match(headers[0].get('idempotency-key') ?? '', /^[0-9a-f-]{36}$/u);
  assert.equal(headers[1]?.get('idempotency-key'), 'intent-1');
  assert.equal(sent[0]?.init.body, '{"text":"x"}');
});

test('a GET is tried twice more after a lost connection or a 503, a command never', async () => {
  const busy = () => json({}, { status: 503, headers: { 'retry-after': '0.001' } });
  const { sent, notes: client } = connect([busy(), new TypeError('reset'), json({ text: 'a' })]);
  const down = connect([new TypeError('reset')]);

  await client.getNote({ id: one });
  await assert.rejects(down.notes.changeNote({ id: one, version: '1', text: '' }), {
    code: 'client.offline',
  });

  assert.equal(sent.length, 3);
  assert.equal(down.sent.length, 1);
});

test('problem+json becomes a Problem, any other answer says so', async () => {
  const stale = new Problem('Changed.', {
    code: 'http.stale_version',
    kind: 'stale',
    context: { current: '9' },
  });
  const { notes: client } = connect([
    json(stale.toWire('public'), { status: 412 }),
    new Response('<html>portal</html>', { status: 200 }),
    new Response('<html>bad gateway</html>', { status: 502 }),
  ]);

  const change = () => client.changeNote({ id: one, version: '1', text: '' });
  await assert.rejects(change, { code: 'http.stale_version', context: { current: '9' } });
  await assert.rejects(change, { code: 'core.not_a_problem', kind: 'unavailable' });
  await assert.rejects(change, { code: 'core.not_a_problem', kind: 'unavailable' });
});

test('a call that was aborted ends as cancelled and is not tried again', async () => {
  const { sent, notes: client } = connect([new DOMException('gone', 'AbortError')]);
  const signal = AbortSignal.abort();

  await assert.rejects(client.getNote({ id: one }, { signal }), { kind: 'cancelled' });
  assert.equal(sent.length, 1);
});

test('a stream gives its URL, an upload sends the file', async () => {
  const { sent, notes: client } = connect([json({ id: one })]);
  const file = new Blob(['a,b'], { type: 'text/csv' });

  const url = client.exportNotes({ f: ['a:eq:1'] }, { format: 'csv' });
  await client.uploadNotes({ file, fileName: 'a.csv' });

  assert.equal(url, '/v1/notes/export?f=a%3Aeq%3A1&format=csv');
  assert.equal(sent[0]?.url, '/v1/notes/upload?fileName=a.csv');
  assert.equal(sent[0].init.body, file);
});

test('a page older than what the server supports is told', async () => {
  const told: string[] = [];
  const onOutdated = (build: string) => told.push(build);
  const old = connect([answerOfNewer()], { build: '20260102', onOutdated });
  const current = connect([answerOfNewer()], { build: '20260103', onOutdated });

  await old.notes.getNote({ id: one });
  await current.notes.getNote({ id: one });

  assert.deepEqual(told, ['20260103']);
});
