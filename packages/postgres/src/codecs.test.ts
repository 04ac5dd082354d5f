import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { formatArray, parseArray } from './array-text.ts';
import type { Codec } from './codec.ts';
import { t } from './codecs.ts';
import { formatCopyRow } from './copy-text.ts';
import { normalise, parseLsn } from './position.ts';
import { sql } from './sql.ts';
import { factsOf } from './statement-facts.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- each refuses values that are not even of its type
const refused: readonly [string, Codec<any>, unknown][] = [
  ['a uuid without its dashes', t.uuid, '0198c0de00007000800000000000000a'],
  ['a text with NUL', t.text, 'a\0b'],
  ['half of a surrogate pair', t.text, '\ud800'],
  ['an int4 one above its range', t.int4, 2 ** 31],
  ['a fraction as int4', t.int4, 1.5],
  ['an int8 one above its range', t.int8, 2n ** 63n],
  ['an int8n beyond what a number holds', t.int8n, 2 ** 53],
  ['NaN as float8', t.float8, Number.NaN],
  ['a word as numeric', t.numeric, 'many'],
  ['a day that the calendar lacks', t.date, '2026-02-29'],
  ['a label that was not declared', t.enum('open', 'closed'), 'other'],
  ['an instant without a zone', t.instant, '2026-01-01T00:00:00'],
];

for (const [name, codec, value] of refused) {
  test(`a codec refuses ${name}`, () => {
    assert.throws(() => codec.encode(value), { code: 'postgres.bad_input' });
  });
}

test('codecs take the ends of their ranges', () => {
  assert.equal(t.int4.encode(-(2 ** 31)), '-2147483648');
  assert.equal(t.int8.encode(-(2n ** 63n)), '-9223372036854775808');
  assert.equal(t.int8n.encode(2 ** 53 - 1), '9007199254740991');
  assert.equal(t.date.encode('2024-02-29'), '2024-02-29');
  assert.equal(t.nullable(t.text).encode(null), null);
});

test('int8n throws rather than round', () => {
  assert.throws(() => t.int8n.decode('9007199254740993'), { code: 'postgres.number_too_large' });
});

test('instant is ISO 8601 in UTC and keeps microseconds', () => {
  assert.equal(t.instant.decode('2026-01-15 12:00:00.123456+00'), '2026-01-15T12:00:00.123456Z');
  assert.equal(t.instant.decode('2026-01-15 12:00:00.1+05:30'), '2026-01-15T06:30:00.100Z');
  assert.equal(t.instant.decode('2026-01-15 12:00:00-08'), '2026-01-15T20:00:00.000Z');
  assert.equal(t.timestamptz.decode('2026-01-15 12:00:00+00').getTime(), Date.UTC(2026, 0, 15, 12));
});

test('an array in the server’s text form reads back as it was', () => {
  const item = fc.option(fc.string({ unit: 'binary' }));

  fc.assert(
    fc.property(fc.array(item), (items) => {
      assert.deepEqual(parseArray(formatArray(items)), items);
    }),
  );
});

test('a row of COPY has its tabs and line ends escaped, and NULL apart from an empty text', () => {
  const line = formatCopyRow(['a\tb', 'c\\d', 'e\r\nf', null, '']);

  assert.equal(line, 'a\\tb\tc\\\\d\te\\r\\nf\t\\N\t\n');
});

test('sql numbers its parameters by their first use and puts fragments in', () => {
  const columns = sql.fragment`id, title`;

  const statement = sql({ id: t.uuid, title: t.text }, {})`
    select ${columns} from note where id = ${'id'} and title <> ${'title'} or id = ${'id'}`;

  assert.equal(
    statement.text,
    'select id, title from note where id = $1 and title <> $2 or id = $1',
  );
  assert.deepEqual(statement.order, ['id', 'title']);
});

const writing: readonly [string, boolean][] = [
  ['select a from b', false],
  ['with x as (select 1) select * from x', false],
  ['insert into b values (1)', true],
  ['with x as (delete from b returning 1) select * from x', true],
  ['update a.b as c set d = 1', true],
  ['select a from b for update', true],
  ['select a from b for no key update skip locked', true],
];

for (const [text, expected] of writing) {
  test(`“${text}” ${expected ? 'writes' : 'reads'}`, () => {
    const statement = sql({}, {})`${{ fragment: text }}`;

    assert.equal(factsOf(statement).writes, expected);
  });
}

test('a position behind a page’s header is that of the page', () => {
  assert.equal(normalise(parseLsn('0/2000018')), parseLsn('0/2000000'));
  assert.equal(normalise(parseLsn('0/2000028')), parseLsn('0/2000000'));
  assert.equal(normalise(parseLsn('0/2000030')), parseLsn('0/2000030'));
  assert.equal(parseLsn('1/0'), 2n ** 32n);
});
