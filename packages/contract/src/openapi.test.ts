import assert from 'node:assert/strict';
import { test } from 'node:test';

import { z } from '@plinth/core/z';
import { Validator } from '@seriousme/openapi-schema-validator';

import { command, defineModule, query, stream } from './contract.ts';
import { get, post } from './http-mapping.ts';
import { problemCodes, renderOpenApi } from './openapi.ts';
import { renderRoutes } from './routes-table.ts';
import { id, listInput, version } from './shapes.ts';

const output = z.object({ id, version });
const notes = defineModule('notes', {
  operations: {
    listNotes: query({
      input: listInput,
      output: z.object({ items: z.array(output) }),
      permission: 'notes.read',
      http: get('/notes', { list: true }),
    }),
    getNote: query({
      input: z.object({ id }),
      output,
      permission: 'notes.read',
      http: get('/notes/:id', { etag: 'row' }),
    }),
    changeNote: command({
      input: z.object({ id, version: version.optional(), text: z.string() }),
      output,
      permission: 'notes.write',
      errors: { 'notes.locked': 'conflict' },
      http: post('/notes/:id', { ifMatch: 'required', idempotency: 'required' }),
    }),
    signIn: command({
      input: z.object({ name: z.string() }),
      output: z.object({ cookie: z.string().nullable(), ok: z.boolean() }),
      permission: 'public',
      http: post('/session', { session: true }),
    }),
    exportNotes: stream({
      input: z.object({}),
      item: output,
      permission: 'notes.read',
      http: get('/notes/export', { formats: ['csv', 'ndjson'] }),
    }),
    uploadNotes: command({
      input: z.object({ blob: z.string(), fileName: z.string() }),
      output,
      permission: 'notes.write',
      http: post('/notes/upload', { upload: { bytesMax: 10, types: ['text/csv'] } }),
    }),
  },
});

test('the rendered document is valid OpenAPI 3.1', async () => {
  const result = await new Validator().validate(JSON.parse(renderOpenApi([notes])));

  assert.deepEqual([result.valid, result.errors], [true, undefined]);
});

test('the same contracts give the same bytes, in any order of modules', () => {
  const other = defineModule('alpha', { operations: {} });

  assert.equal(renderOpenApi([notes, other]), renderOpenApi([other, notes]));
});

test('an operation names its headers, its permission and its codes', () => {
  const { paths, components } = JSON.parse(renderOpenApi([notes]));
  const change = paths['/v1/notes/{id}'].post;

  assert.deepEqual(
    change.parameters.map((one: { name: string; in: string }) => [one.in, one.name]),
    [
      ['path', 'id'],
      ['header', 'If-Match'],
      ['header', 'Idempotency-Key'],
    ],
  );
  assert.equal(change['x-permission'], 'notes.write');
  assert.match(change.responses[409].description, /http\.idempotency_busy, notes\.locked/u);
  assert.deepEqual(Object.keys(components.schemas.NotesChangeNoteBody.properties), ['text']);
  assert.equal(components.schemas.NotesChangeNoteBody.additionalProperties, false);
  assert.deepEqual(components.schemas.NotesSignIn.required, ['ok']);
});

test('the codes of all contracts are known with who answers them', () => {
  assert.deepEqual(
    [...problemCodes([notes])],
    [['notes.locked', { kind: 'conflict', by: ['notes.changeNote'] }]],
  );
});

test('the routes of the browser are one line an operation', () => {
  const text = renderRoutes([notes]);

  assert.match(text, /changeNote: 'POST \/notes\/:id vk'/u);
  assert.match(text, /exportNotes: 'GET \/notes\/export s'/u);
  assert.match(text, /uploadNotes: 'POST \/notes\/upload u'/u);
  assert.match(text, /import type \{ notes \} from '@plinth\/notes';/u);
});
