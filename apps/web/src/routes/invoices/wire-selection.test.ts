import assert from 'node:assert/strict';
import { test } from 'node:test';

import { addIds, nothingSelected, selectAll, toggle } from '@plinth/ui/grid/model';

import { exportFilter, toWire } from './wire-selection.ts';

const overdue = { field: 'status', op: 'in', values: ['overdue'] } as const;

test('toWire names ids, or the filter with its exceptions and its time', () => {
  const some = addIds(nothingSelected, ['a', 'b']);
  const all = toggle(selectAll([overdue], '2026-11-23T10:00:00Z'), 'c');

  assert.deepEqual(toWire(some), { kind: 'ids', ids: ['a', 'b'] });
  assert.deepEqual(toWire(all), {
    kind: 'predicate',
    f: ['status:in:overdue'],
    asOf: '2026-11-23T10:00:00Z',
    except: ['c'],
  });
});

test('exportFilter exports a filter as it is, few rows by their ids, and refuses the rest', () => {
  const all = selectAll([overdue], '2026-11-23T10:00:00Z');
  const many = addIds(
    nothingSelected,
    Array.from({ length: 201 }, (_, at) => String(at)),
  );

  assert.deepEqual(exportFilter(all), { f: ['status:in:overdue'] });
  assert.deepEqual(exportFilter(addIds(nothingSelected, ['a', 'b'])), { f: ['invoiceId:in:a,b'] });
  assert.deepEqual(exportFilter(toggle(all, 'c')), { off: 'export_except' });
  assert.deepEqual(exportFilter(many), { off: 'export_by_filter' });
});
