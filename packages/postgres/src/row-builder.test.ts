import assert from 'node:assert/strict';
import { test } from 'node:test';

import { t } from './codecs.ts';
import { builderOf } from './row-builder.ts';
import { sql } from './sql.ts';

test('builderOf reads each column by its codec, in whatever order the server gives them', () => {
  const statement = sql({}, { id: t.int4, at: t.nullable(t.date) })`select 1`;

  assert.deepEqual(builderOf(statement, ['id', 'at'])(['7', null]), { id: 7, at: null });
  assert.deepEqual(builderOf(statement, ['at', 'id'])(['2026-01-31', '8']), {
    at: '2026-01-31',
    id: 8,
  });
});

test('builderOf takes a column’s name for a name, whatever it looks like', () => {
  const names = ['__proto__', 'a"]: 0, b: process.exit(1), ["', 'line\nbreak', '${x}`'];
  const row = Object.fromEntries(names.map((name) => [name, t.text]));
  const statement = sql({}, row)`select 1`;

  const built = builderOf(statement, names)(['own', 'b', 'c', 'd']);

  assert.deepEqual(Object.keys(Object(built)), names);
  assert.equal(Object.getPrototypeOf(built), Object.prototype);
});

test('builderOf refuses columns that are not the declared ones, and NULL where none is', () => {
  const statement = sql({}, { id: t.int4 })`select 1`;

  assert.throws(() => builderOf(statement, ['id', 'more']), { code: 'postgres.row_shape' });
  assert.throws(() => builderOf(statement, []), { code: 'postgres.row_shape' });
  assert.throws(() => builderOf(statement, ['toString']), { code: 'postgres.row_shape' });
  assert.throws(() => builderOf(statement, ['id'])([null]), { code: 'postgres.unexpected_null' });
});
