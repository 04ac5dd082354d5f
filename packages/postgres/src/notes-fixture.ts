import { t } from './codecs.ts';
import type { Migrations } from './migrate/files.ts';
import { sql } from './sql.ts';

/** A table of tenants and one without them, for this package's tests. */
export const notes: Migrations = {
  module: 'notes',
  folder: new URL('../fixtures/notes/', import.meta.url),
};

export const tenant = '0198c0de-0000-7000-8000-00000000000a';
export const otherTenant = '0198c0de-0000-7000-8000-00000000000b';

export const insertNote = sql({ tenant: t.uuid, id: t.uuid, title: t.text }, {})`
  insert into notes.note (tenant_id, id, title) values (${'tenant'}, ${'id'}, ${'title'})`;
export const titles = sql({}, { title: t.text })`
  select title from notes.note order by title`;
export const noteTitle = sql({ id: t.uuid }, { title: t.text }, { hot: true })`
  select title from notes.note where id = ${'id'}`;
export const addToCounter = sql({ id: t.text, by: t.int8 }, { n: t.int8 })`
  insert into notes.counter as c (id, n) values (${'id'}, ${'by'})
  on conflict (id) do update set n = c.n + excluded.n returning n`;
export const readCounter = sql({ id: t.text }, { n: t.int8 })`
  select n from notes.counter where id = ${'id'}`;
export const setCounter = sql({ id: t.text, n: t.int8 }, {})`
  update notes.counter set n = ${'n'} where id = ${'id'}`;
export const sleepFor = sql({ seconds: t.float8 }, {}, { name: 'sleep' })`
  select from pg_sleep(${'seconds'})`;
