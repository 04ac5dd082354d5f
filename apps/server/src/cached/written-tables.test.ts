import assert from 'node:assert/strict';
import { test } from 'node:test';

import { WrittenTables } from './written-tables.ts';

const tables = new WrittenTables(new Set(['a.one', 'a.two']));

test('a statement names the tables that it writes, in any of its parts', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['insert into a.one as x (id) values ($1)', ['a.one']],
    ['with gone as (delete from a.two where id = $1) update a.one x set n = 1', ['a.two', 'a.one']],
    [
      'INSERT INTO a.one (id) values ($1) on conflict (id) do update\n set n = excluded.n',
      ['a.one'],
    ],
    ['merge into only a.two t using b on true', ['a.two']],
    ['delete from a.three where id = $1', []],
  ];
  for (const [text, expected] of cases) assert.deepEqual(tables.of({ text }), expected, text);
});

test('a statement that reads or locks them names none', () => {
  for (const text of [
    'select * from a.one for update',
    'select 1 from a.two for no key update of x',
  ]) {
    assert.deepEqual(tables.of({ text }), [], text);
  }
});
