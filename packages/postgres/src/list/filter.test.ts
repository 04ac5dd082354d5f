import assert from 'node:assert/strict';
import test from 'node:test';

import { Problem } from '@plinth/core';
import fc from 'fast-check';

import { parcelList } from './parcel-fixture.ts';
import { compose } from './bound.ts';
import { list } from './declare-list.ts';
import { parseFilter } from './filter.ts';
import { readPeriod } from './period.ts';
import { parseSort } from './sort.ts';

const today = '2026-03-18';
const ids = [
  '019a0000-0000-7000-8000-000000000001',
  '019a0000-0000-7000-8000-000000000002',
] as const;

function sqlOf(...f: string[]): { text: string; values: string[] } {
  const filter = parseFilter(parcelList, { f, today, zone: 'Europe/Berlin' });
  const { statement, params } = compose(
    {},
    (bind) => filter.conditions.map((condition) => condition(bind)).join(' and '),
    { name: 'test' },
  );
  return { text: statement.text, values: Object.values(params) };
}

const clauses = (count: number) => Array.from({ length: count }, () => 'grams:gte:1');
const textOf = (f: string[]) => parseFilter(parcelList, { f, today }).text;

const cases: readonly (readonly [clause: string, text: string, ...values: string[]])[] = [
  ['name:eq:Box', 'p.name_key = lower($1::text)', 'Box'],
  ['note:eq:a%2Cb', 'p.note = $1::text', 'a,b'],
  ['note:ne:x', '(p.note <> $1::text or p.note is null)', 'x'],
  [
    'note:starts:re%3A',
    '(p.note >= $1::text collate "C" and p.note < ($1::text || chr(1114111)) collate "C")',
    're:',
  ],
  ['note:empty:true', "(p.note is null or p.note = '')"],
  ['note:empty:false', "not (p.note is null or p.note = '')"],
  ['grams:eq:-5', 'p.grams = $1::bigint', '-5'],
  ['price:gte:50000', 'p.price >= $1::bigint', '50000'],
  ['price:lte:1', 'p.price <= $1::bigint', '1'],
  ['price:between:1,9', '(p.price >= $1::bigint and p.price <= $2::bigint)', '1', '9'],
  ['density:gte:2', '(p.price / p.grams) >= $1::bigint', '2'],
  ['price:empty:true', '(p.price is null)'],
  [
    'shippedOn:on:2026-01-31',
    '(p.shipped_on >= $1::date and p.shipped_on < $2::date)',
    '2026-01-31',
    '2026-02-01',
  ],
  ['shippedOn:before:today', 'p.shipped_on < $1::date', '2026-03-18'],
  ['shippedOn:after:2026-01-31', 'p.shipped_on >= $1::date', '2026-02-01'],
  [
    'shippedOn:between:2026-01-01,today',
    '(p.shipped_on >= $1::date and p.shipped_on < $2::date)',
    '2026-01-01',
    '2026-03-19',
  ],
  [
    'shippedOn:last:30d',
    '(p.shipped_on >= $1::date and p.shipped_on < $2::date)',
    '2026-02-17',
    '2026-03-19',
  ],
  [
    'seenAt:this:month',
    '(p.seen_at >= ($1::date::timestamp at time zone $2::text) and p.seen_at < ($3::date::timestamp at time zone $4::text))',
    '2026-03-01',
    'Europe/Berlin',
    '2026-04-01',
    'Europe/Berlin',
  ],
  [
    'seenAt:after:2026-01-01T10%3A00%3A00Z',
    'p.seen_at > $1::timestamp with time zone',
    '2026-01-01T10:00:00Z',
  ],
  ['state:in:new', 'p.state = $1::text', 'new'],
  ['state:in:new,lost', 'p.state = any($1::text[])', '{"new","lost"}'],
  ['state:notIn:new,lost', 'p.state <> all($1::text[])', '{"new","lost"}'],
  [`carrier:in:${ids[0]}`, 'p.carrier_id = $1::uuid', ids[0]],
  [`carrier:in:${ids.join()}`, 'p.carrier_id = any($1::uuid[])', `{"${ids.join('","')}"}`],
  ['isFragile:is:true', 'p.is_fragile = $1::boolean', 'true'],
];

for (const [clause, text, ...values] of cases) {
  test(`the clause ${clause} becomes a condition with its values as parameters`, () => {
    assert.deepEqual(sqlOf(clause), { text, values });
  });
}

const refused: readonly (readonly [field: string, ...f: string[]])[] = [
  ['', ''],
  ['nothing', 'nothing:eq:1'],
  ['__proto__', '__proto__:eq:1'],
  ['hidden', 'hidden:eq:EUR'],
  ['state', 'state:in:new', 'state:like:n'],
  ['state', 'state:constructor:n'],
  ['state', 'state:in:unknown'],
  ['state', 'state'],
  ['note', 'note:contains:x'],
  ['name', 'name:contains:'],
  ['name', `name:contains:${'x'.repeat(201)}`],
  ['q', 'q:eq:x'],
  ['note', 'note:eq:%E0%A4%A'],
  ['note', 'note:eq:%00'],
  ['note', 'note:eq:a,b'],
  ['price', 'price:gte:1.5'],
  ['price', 'price:gte:1%3Bdrop'],
  ['price', 'price:between:1'],
  ['price', 'price:gte:1234567890123456789'],
  ['shippedOn', 'shippedOn:on:2026-02-30'],
  ['shippedOn', 'shippedOn:before:infinity'],
  ['shippedOn', 'shippedOn:before:2026-01-01T10%3A00%3A00Z'],
  ['shippedOn', 'shippedOn:last:0d'],
  ['shippedOn', 'shippedOn:this:3d'],
  ['carrier', 'carrier:in:1'],
  ['carrier', `carrier:in:${Array.from({ length: 201 }, () => ids[0]).join()}`],
  ['isFragile', 'isFragile:is:yes'],
];

for (const [field, ...f] of refused) {
  test(`the filter ${f.join(' ').slice(0, 50)} is refused by the name of its field`, () => {
    assert.throws(
      () => sqlOf(...f),
      (error) =>
        error instanceof Problem &&
        error.code === 'list.bad_filter' &&
        error.context?.['field'] === field &&
        error.fields?.[0]?.pointer === `/f/${f.length - 1}`,
    );
  });
}

test('a filter of 20 clauses is read, one of 21 refused', () => {
  assert.equal(sqlOf(...clauses(20)).values.length, 20);
  assert.throws(() => sqlOf(...clauses(21)), { code: 'list.bad_filter' });
});

test('the same clauses in another order are the same filter', () => {
  assert.equal(textOf(['note:eq:a', 'note:eq:b']), textOf(['note:eq:b', 'note:eq:a']));
});

test('whatever a client sends as a value never stands in the text of a statement', () => {
  const known = new Map<string, string>();
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 50 }), (value) => {
      fc.pre(!value.includes('\0') && value.isWellFormed());
      const { text, values } = sqlOf(`note:eq:${encodeURIComponent(value)}`);
      assert.deepEqual(values, [value]);
      known.set(text, value);
    }),
  );
  assert.equal(known.size, 1);
});

test('contains asks the search function of the field, q that of the list', () => {
  const { searches } = parseFilter(parcelList, {
    f: ['name:contains:a%20b', 'q:contains:x'],
    today,
  });

  assert.deepEqual(searches, [
    { function: 'parcels.search_parcel', column: 'p.id', pattern: 'a b', field: 'name' },
    { function: 'parcels.search_parcel', column: 'p.id', pattern: 'x', field: 'q' },
  ]);
});

const periods: readonly (readonly ['last' | 'next' | 'this', string, string, string])[] = [
  ['last', '1d', '2026-03-18', '2026-03-18'],
  ['last', '2w', '2026-03-05', '2026-03-18'],
  ['last', '1m', '2026-02-19', '2026-03-18'],
  ['last', '1y', '2025-03-19', '2026-03-18'],
  ['next', '7d', '2026-03-18', '2026-03-24'],
  ['next', '1m', '2026-03-18', '2026-04-17'],
  ['this', 'day', '2026-03-18', '2026-03-18'],
  ['this', 'week', '2026-03-16', '2026-03-22'],
  ['last', 'week', '2026-03-09', '2026-03-15'],
  ['this', 'month', '2026-03-01', '2026-03-31'],
  ['last', 'month', '2026-02-01', '2026-02-28'],
  ['this', 'quarter', '2026-01-01', '2026-03-31'],
  ['last', 'quarter', '2025-10-01', '2025-12-31'],
  ['next', 'year', '2027-01-01', '2027-12-31'],
];

for (const [way, value, from, to] of periods) {
  test(`${way}:${value} is ${from} to ${to}, seen from ${today}`, () => {
    assert.deepEqual(readPeriod(way, value, today), { from, to });
  });
}

test('a month before the 31st ends at the last day of a shorter month', () => {
  assert.deepEqual(readPeriod('last', '1m', '2026-03-31'), {
    from: '2026-03-01',
    to: '2026-03-31',
  });
});

const sorts: readonly (readonly [text: string, whole: string, cost: string, covered: boolean])[] = [
  ['', '-shippedOn,-id', 'index', true],
  ['price', 'price,id', 'index', true],
  ['-price,name', '-price,name,id', 'index', false],
  ['grams', 'grams,id', 'scan', false],
  ['-id', '-id', 'index', true],
  ['price,-id', 'price,-id', 'index', false],
];

for (const [text, whole, cost, covered] of sorts) {
  test(`the sort «${text}» is ${whole}, by ${cost}`, () => {
    const sort = parseSort(parcelList, text);

    assert.deepEqual([sort.text, sort.cost, sort.covered], [whole, cost, covered]);
  });
}

for (const [text, field] of [
  ['nothing', 'nothing'],
  ['note', 'note'],
  ['toString', 'toString'],
  ['price,price', 'price'],
  ['price,-price', 'price'],
  ['id,price', 'id'],
  ['--price', '-price'],
  ['name,price,grams,shippedOn,seenAt', 'seenAt'],
] as const) {
  test(`the sort ${text} is refused for ${field}`, () => {
    assert.throws(
      () => parseSort(parcelList, text),
      (error) =>
        error instanceof Problem &&
        error.code === 'list.bad_sort' &&
        error.context?.['field'] === field,
    );
  });
}

test('a list whose names do not fit together is refused when it is loaded', () => {
  const { def } = parcelList;
  const wrong = [
    { ...def, from: 'parcels.parcel' },
    { ...def, id: 'x.id' },
    { ...def, fields: { ...def.fields, q: { sql: 'p.note', type: 'text' } } },
    { ...def, fields: { ...def.fields, a: { sql: 'lower(p.note)', type: 'text' } } },
    {
      ...def,
      fields: {
        ...def.fields,
        a: { sql: { fragment: 'lower(p.note)' }, type: 'text', sort: true },
      },
    },
    { ...def, fields: { ...def.fields, a: { sql: 'p.grams', type: 'number', sum: 'p.currency' } } },
    { ...def, q: { function: 'search' } },
  ] as const;

  assert.throws(() => list({ ...def, defaultSort: 'note' }), { code: 'list.bad_sort' });
  for (const one of wrong) assert.throws(() => list(one), { code: 'ERR_ASSERTION' });
});
