import {
  command,
  defineModule,
  get,
  id,
  patch,
  post,
  query,
  stream,
  version,
} from '@plinth/contract';
import { z } from '@plinth/core/z';

/** A small module that has one operation of each sort, on a real database. */
export const notes = defineModule('notes', {
  operations: {
    getNote: query({
      input: z.object({ id }),
      output: z.object({ id, version, text: z.string() }),
      permission: 'notes.read',
      http: get('/notes/:id', { etag: 'row' }),
    }),
    searchNotes: query({
      input: z.object({
        limit: z.int().min(1).max(50).optional(),
        tag: z.array(z.string().max(20)).optional(),
        open: z.boolean().optional(),
      }),
      output: z.object({
        limit: z.int(),
        tag: z.array(z.string()),
        open: z.boolean().nullable(),
      }),
      permission: 'notes.read',
      http: get('/notes', { etag: 'body' }),
    }),
    about: query({
      input: z.object({}),
      output: z.object({ text: z.string() }),
      permission: 'public',
      http: get('/about', { cache: 'publicApi', etag: 'body' }),
    }),
    createNote: command({
      input: z.object({
        text: z.string().min(1).max(1_000),
        meta: z.object({ colour: z.enum(['red', 'blue']) }).optional(),
      }),
      output: z.object({ id, version }),
      permission: 'notes.write',
      errors: { 'notes.refused': 'unprocessable' },
      http: post('/notes', { idempotency: 'required', status: 201 }),
    }),
    changeNote: command({
      input: z.object({ id, version: version.optional(), text: z.string() }),
      output: z.object({ id, version }),
      permission: 'notes.write',
      http: patch('/notes/:id', { ifMatch: 'required', idempotency: 'optional' }),
    }),
    uploadNotes: command({
      input: z.object({ blob: z.string(), fileName: z.string().max(255) }),
      output: z.object({ blob: z.string(), fileName: z.string() }),
      permission: 'notes.write',
      http: post('/notes/upload', { upload: { bytesMax: 1_000, types: ['text/csv'] } }),
    }),
    exportNotes: stream({
      input: z.object({ n: z.int().min(0).max(100_000), failAt: z.int().optional() }),
      item: z.object({ n: z.int(), text: z.string() }),
      permission: 'notes.read',
      http: get('/notes/export', { formats: ['ndjson', 'csv'] }),
    }),
    signIn: command({
      input: z.object({ user: id, tenant: id.nullable() }),
      output: z.object({ cookie: z.string().nullable(), user: id }),
      permission: 'public',
      http: post('/session', { session: true, cache: 'sensitive' }),
    }),
    waitLong: query({
      input: z.object({}),
      output: z.object({}),
      permission: 'notes.read',
      deadline: 100,
      http: get('/wait'),
    }),
    breakDown: query({
      input: z.object({}),
      output: z.object({}),
      permission: 'notes.read',
      http: get('/broken'),
    }),
  },
});
