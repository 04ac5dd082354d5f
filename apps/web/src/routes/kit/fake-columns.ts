import { daysBetween } from '@plinth/ui/format';
import type { CellValue, Column, Status } from '@plinth/ui/grid';
import type { FakeRow } from '@plinth/ui/testing';

const today = '2026-11-23';

const statuses: Readonly<Record<FakeRow['status'], Status>> = {
  draft: { label: 'Draft', tone: 'neutral', glyph: 'draft' },
  issued: { label: 'Issued', tone: 'info', glyph: 'issued' },
  'partly-paid': { label: 'Partly paid', tone: 'info', glyph: 'partly' },
  settled: { label: 'Settled', tone: 'ok', glyph: 'settled' },
  voided: { label: 'Voided', tone: 'neutral', glyph: 'voided' },
};

function isOverdue({ status, dueDate }: FakeRow): boolean {
  return (status === 'issued' || status === 'partly-paid') && dueDate < today;
}

function dueOf(row: FakeRow): CellValue {
  if (row.status === 'draft') return { value: 'not issued', tone: 'muted' };
  const days = daysBetween(today, row.dueDate);
  if (row.openMinor === 0) return { value: row.dueDate, tone: 'muted' };
  return isOverdue(row)
    ? { value: row.dueDate, note: `+${-days} d`, noteTone: 'danger' }
    : { value: row.dueDate, note: `${days} d` };
}

export const fakeColumns: readonly Column<FakeRow>[] = [
  {
    id: 'number',
    title: 'Number',
    kind: 'link',
    value: (row) =>
      row.status === 'draft'
        ? { value: 'Draft', tone: 'muted' }
        : { value: row.number, href: `/invoices/${row.id}` },
    width: 144,
    sort: 'index',
    phone: 'subtitle',
  },
  {
    id: 'customer',
    title: 'Customer',
    kind: 'text',
    value: ({ customer }) => customer,
    width: 152,
    grow: true,
    filter: { type: 'text' },
    sort: 'index',
    phone: 'title',
  },
  {
    id: 'issueDate',
    title: 'Issued',
    kind: 'date',
    value: ({ issueDate }) => ({ value: issueDate, tone: 'muted' }),
    width: 92,
    sort: 'index',
    filter: { type: 'date' },
    narrow: 'hide',
  },
  { id: 'dueDate', title: 'Due', kind: 'date', value: dueOf, width: 120, sort: 'index' },
  {
    id: 'status',
    title: 'Status',
    kind: 'status',
    value: (row) =>
      isOverdue(row)
        ? { label: 'Overdue', tone: 'danger', glyph: 'overdue' }
        : statuses[row.status],
    width: 112,
    phone: 'chip',
    filter: {
      type: 'enum',
      options: [
        { value: 'draft', label: 'Draft' },
        { value: 'issued', label: 'Issued' },
        { value: 'settled', label: 'Settled' },
      ],
    },
  },
  {
    id: 'grossMinor',
    title: 'Total',
    kind: 'money',
    value: ({ grossMinor, currency }) => ({ minor: grossMinor, currency }),
    width: 120,
    sort: 'index',
    sum: true,
    filter: { type: 'money', currency: 'EUR' },
    phone: 'amount',
  },
  {
    id: 'openMinor',
    title: 'Open',
    kind: 'money',
    value: ({ openMinor, currency }) => ({ minor: openMinor, currency }),
    width: 108,
    sort: 'scan',
    sum: true,
    bare: true,
  },
];
