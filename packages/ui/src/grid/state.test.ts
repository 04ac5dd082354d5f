import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import {
  type Clause,
  formatClause,
  operators,
  parseClause,
  sameFilter,
  valuesWanted,
} from './filter.ts';
import {
  addIds,
  isSelected,
  nothingSelected,
  selectAll,
  selectedCount,
  toggle,
} from './selection.ts';
import { readState, sortBy, withColumn, writeState } from './state.ts';

const clauses: fc.Arbitrary<Clause> = fc.constantFrom(...operators).chain((op) => {
  const wanted = valuesWanted(op);
  const length =
    wanted === 'list' ? { minLength: 1, maxLength: 5 } : { minLength: wanted, maxLength: wanted };
  return fc.record(
    {
      field: fc.stringMatching(/^[A-Za-z]\w{0,8}$/u),
      op: fc.constant(op),
      values: fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), length),
    },
    { noNullPrototype: true },
  );
});

test('a clause is read back as it was written', () => {
  fc.assert(
    fc.property(clauses, (clause) => {
      deepEqual(parseClause(formatClause(clause)), clause);
    }),
  );
});

test('what is no clause is refused', () => {
  for (const text of [
    '',
    'a',
    'a:eq',
    'a:is not:1',
    'a:between:1',
    'a:in:',
    'a:eq:%E0%A4%A',
    '1:eq:2',
  ]) {
    equal(parseClause(text), undefined, text);
  }
});

test('a state is read back from its query string, and other parameters stay', () => {
  const state = {
    filter: [{ field: 'status', op: 'in', values: ['open', 'over,due'] }],
    sort: [
      { field: 'issueDate', descending: true },
      { field: 'number', descending: false },
    ],
    columns: [
      { id: 'note', hidden: true },
      { id: 'name', width: 240 },
      { id: 'city', hidden: false },
    ],
  } as const;

  const search = writeState(state, new URLSearchParams('view=mine&sort=old'));

  deepEqual(readState(search), state);
  equal(search.get('view'), 'mine');
  equal(search.get('sort'), '-issueDate,number');
});

test('the default order is not written and is read where none is', () => {
  const defaults = { filter: [], sort: [{ field: 'number', descending: true }], columns: [] };

  equal(writeState(defaults, new URLSearchParams(), defaults).toString(), '');
  deepEqual(readState(new URLSearchParams(), defaults), defaults);
  deepEqual(readState(new URLSearchParams('sort=;drop&f=nonsense&cols=~1'), defaults), defaults);
});

const up = (field: string) => ({ field, descending: false });
const down = (field: string) => ({ field, descending: true });

test('sortBy replaces on a click, and adds, turns and removes with Shift', () => {
  deepEqual(sortBy([], 'a', false), [up('a')]);
  deepEqual(sortBy([up('a')], 'a', false), [down('a')]);
  deepEqual(sortBy([down('a')], 'a', false), [up('a')]);
  deepEqual(sortBy([up('a'), up('b')], 'b', false), [up('b')]);
  deepEqual(sortBy([up('a')], 'b', true), [up('a'), up('b')]);
  deepEqual(sortBy([up('a'), up('b')], 'b', true), [up('a'), down('b')]);
  deepEqual(sortBy([up('a'), down('b')], 'b', true), [up('a')]);
  equal(sortBy([up('a'), up('b'), up('c'), up('d')], 'e', true).length, 4);
});

test('withColumn keeps what it does not change', () => {
  deepEqual(withColumn([{ id: 'a', width: 90 }], { id: 'a', hidden: true }), [
    { id: 'a', width: 90, hidden: true },
  ]);
});

test('a selection of ids grows to its limit and no further', () => {
  const many = Array.from({ length: 10_001 }, (_, n) => String(n));

  const full = addIds(nothingSelected, many);

  equal(selectedCount(full, 0), 10_000);
  equal(isSelected(toggle(full, 'one more'), 'one more'), false);
  equal(isSelected(toggle(full, '7'), '7'), false);
});

test('a selection of all that match counts what is taken out', () => {
  const all = selectAll([], '2026-11-23T12:00:00Z');

  const without = toggle(toggle(all, 'a'), 'b');

  equal(selectedCount(without, 1_000_000), 999_998);
  equal(isSelected(without, 'a'), false);
  equal(isSelected(without, 'c'), true);
  equal(selectedCount(addIds(without, ['a']), 1_000_000), 999_999);
});

test('two filters are the same in whatever order', () => {
  const one: Clause = { field: 'a', op: 'eq', values: ['1'] };
  const other: Clause = { field: 'b', op: 'eq', values: ['2'] };

  equal(sameFilter([one, other], [other, one]), true);
  equal(sameFilter([one], [one, other]), false);
});
