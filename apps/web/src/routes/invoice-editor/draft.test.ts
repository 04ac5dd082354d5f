import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  type DraftText,
  emptyDraft,
  type LineText,
  newLine,
  textOf,
  toPercent,
} from './draft-text.ts';
import { beginHistory, record, redo, undo } from './line-history.ts';
import { mergeDrafts } from './merge-drafts.ts';
import { isTable, parseCells, pasteCells } from './paste-cells.ts';
import { changesOf, readDraft, readLine } from './read-draft.ts';

const formats = { locale: 'en', userZone: 'UTC', tenantZone: 'UTC' };
const line = (change: Partial<LineText> = {}): LineText => ({
  ...newLine('19'),
  description: 'Linear guide',
  quantity: '12',
  unit: 'pcs',
  price: '480.00',
  ...change,
});
const draft = (change: Partial<DraftText> = {}): DraftText => ({
  ...emptyDraft('2026-11-23', 'EUR'),
  customer: { id: 'c1', name: 'Acme' },
  lines: [line()],
  ...change,
});

test('readLine gives the wire form of a line that is right', () => {
  const { input, faults } = readLine(line({ tax: '8.1 %' }), 'EUR', formats);

  assert.deepEqual(input, {
    description: 'Linear guide',
    quantity: '12',
    unit: 'pcs',
    unitPriceMinor: 48_000,
    taxPpm: 81_000,
  });
  assert.deepEqual(faults, {});
});

test('readLine names each cell that is wrong', () => {
  const wrong = line({ description: ' ', quantity: 'x', price: '1.005', tax: '' });

  const { input, faults } = readLine(wrong, 'EUR', formats);

  assert.equal(input, undefined);
  assert.deepEqual(faults, {
    description: 'fault_description',
    quantity: 'fault_quantity',
    price: 'fault_price_precise',
    tax: 'fault_tax',
  });
});

test('readDraft leaves blank lines out and points at wrong ones by their place', () => {
  const { values, faults } = readDraft(
    draft({ lines: [line(), newLine('19'), line({ price: '' })] }),
    formats,
  );

  assert.deepEqual(faults, [{ path: 'lines.2.price', code: 'fault_price' }]);
  assert.equal(values.lines, undefined);
});

test('changesOf holds only what differs and can be sent', () => {
  const saved = readDraft(draft(), formats).values;
  const now = readDraft(draft({ reference: 'PO 7', lines: [line({ tax: '' })] }), formats).values;

  assert.deepEqual(changesOf(saved, now), { reference: 'PO 7' });
  assert.equal(changesOf(saved, readDraft(draft({ reference: ' ' }), formats).values), undefined);
});

test('mergeDrafts takes what only they changed and asks where both did', () => {
  const base = draft();
  const mine = draft({ reference: 'mine', note: 'same' });
  const theirs = draft({ reference: 'theirs', note: 'same', dueDate: '2026-12-31' });

  const merged = mergeDrafts({ base, mine, theirs }, formats);

  assert.deepEqual(merged.conflicts, ['reference']);
  assert.deepEqual(merged.taken, ['dueDate']);
  assert.equal(merged.draft.dueDate, '2026-12-31');
  assert.equal(merged.draft.reference, 'mine');
});

test('mergeDrafts sees no conflict in lines that are typed otherwise and mean the same', () => {
  const base = draft();
  const mine = draft({ lines: [line({ price: '480' }), newLine()] });

  assert.deepEqual(mergeDrafts({ base, mine, theirs: draft() }, formats).conflicts, []);
});

test('undo takes back a whole cell, redo puts it back', () => {
  const [empty, typed] = [[line({ unit: '' })], [line({ unit: 'h' })]];
  const begun = beginHistory(empty);
  const first = record(begun, [line({ unit: 'x' })], '1.unit');
  const second = record(first, typed, '1.unit');

  const undone = undo(second);

  assert.equal(undone.lines, empty);
  assert.equal(redo(undone).lines, typed);
  assert.equal(undo(undone), undone);
});

test('parseCells reads tabs, lines and quoted cells', () => {
  const cells = parseCells('Guide\t12\r\n"Screw\nlong ""x"""\t4\r\n');

  assert.deepEqual(cells, [
    ['Guide', '12'],
    ['Screw\nlong "x"', '4'],
  ]);
  assert.equal(isTable('a\tb'), true);
  assert.equal(isTable('one cell \n'), false);
});

test('pasteCells writes over lines from a cell on and adds what is missing', () => {
  const lines = [line(), line({ description: 'Screw' })];

  const pasted = pasteCells(
    lines,
    [
      ['2', 'h', '10', '7', 'too far'],
      ['3', 'h', '20'],
    ],
    { row: 1, column: 'quantity' },
  );

  assert.deepEqual(
    pasted.map(({ description, quantity, price, tax }) => [description, quantity, price, tax]),
    [
      ['Linear guide', '12', '480.00', '19'],
      ['Screw', '2', '10', '7'],
      ['', '3', '20', '19'],
    ],
  );
});

test('toPercent writes parts per million as people say them', () => {
  assert.deepEqual([0, 190_000, 81_000, 255_000, 1_000_000].map(toPercent), [
    '0',
    '19',
    '8.1',
    '25.5',
    '100',
  ]);
});

test('textOf writes a stored draft so that reading it gives the same', () => {
  const stored = {
    customerId: 'c1',
    customerName: 'Acme',
    currency: 'EUR',
    issueDate: '2026-11-23',
    dueDate: '2026-12-23',
    reference: null,
    note: 'n',
    internalNote: null,
    lines: [
      {
        position: 1,
        description: 'Guide',
        quantity: '1234.5',
        unit: null,
        unitPriceMinor: -123_456,
        taxPpm: 81_000,
        netMinor: -152_406_432,
      },
    ],
  };

  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- textOf reads these fields alone
  const { values, faults } = readDraft(textOf(stored as never, formats), formats);

  assert.deepEqual(faults, []);
  assert.deepEqual(values.lines, [
    { description: 'Guide', quantity: '1234.5', unitPriceMinor: -123_456, taxPpm: 81_000 },
  ]);
});
