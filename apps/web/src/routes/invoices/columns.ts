import { day, type Formats } from '@plinth/ui/format';
import type { CellValue, Column } from '@plinth/ui/grid';
import type { Translate } from '@plinth/ui/i18n';

import { dueIn, type InvoiceRow, lookOf, stateOf } from '../../parts/invoice-state.ts';
import type english from '../../../messages/en/invoices.json';

type Words = Translate<Extract<keyof typeof english, string>>;

interface Calendar {
  readonly today: string;
  readonly formats: Formats;
}

/** What the filter knows beside the stored states: `open` is owed, `overdue` is of those past due. */
const states = ['draft', 'open', 'overdue', 'partly-paid', 'settled', 'voided'] as const;
const kinds = ['invoice', 'credit-note'] as const;

/** The columns of the list, in the order of the design: the names of the fields are the server's. */
export function invoiceColumns(
  t: Words,
  { today, formats }: Calendar,
  currency: string,
): readonly Column<InvoiceRow>[] {
  return [
    ...nameColumns(t),
    ...dateColumns(t, { today, formats }),
    statusColumn(t, today),
    ...amountColumns(t, currency),
    ...hiddenColumns(t),
  ];
}

function nameColumns(t: Words): readonly Column<InvoiceRow>[] {
  return [
    {
      id: 'number',
      title: t('number'),
      kind: 'link',
      value: ({ id, number }) =>
        number === null
          ? { value: t('draft'), tone: 'muted' }
          : { value: number, href: `/invoices/${id}` },
      width: 152,
      sort: 'index',
      filter: { type: 'text' },
      phone: 'subtitle',
    },
    {
      id: 'customerName',
      title: t('customer'),
      kind: 'text',
      value: (row) => row.customerName,
      width: 136,
      grow: true,
      sort: 'index',
      filter: { type: 'text' },
      phone: 'title',
    },
  ];
}

function dateColumns(t: Words, calendar: Calendar): readonly Column<InvoiceRow>[] {
  return [
    {
      id: 'issueDate',
      title: t('issued_on'),
      kind: 'date',
      value: ({ issueDate }) => ({ value: issueDate, tone: 'muted' }),
      width: 104,
      sort: 'index',
      filter: { type: 'date' },
      narrow: 'hide',
    },
    {
      id: 'dueDate',
      title: t('due'),
      kind: 'date',
      value: (row) => dueValue(row, t, calendar),
      width: 148,
      sort: 'index',
      filter: { type: 'date' },
    },
  ];
}

function statusColumn(t: Words, today: string): Column<InvoiceRow> {
  return {
    id: 'status',
    title: t('status'),
    kind: 'status',
    value: (row) => {
      const state = stateOf(row, today);
      return { label: t(`state_${state}`), ...lookOf(state) };
    },
    width: 116,
    filter: {
      type: 'enum',
      options: states.map((value) => ({ value, label: t(`state_${value}`) })),
    },
    phone: 'chip',
  };
}

function amountColumns(t: Words, currency: string): readonly Column<InvoiceRow>[] {
  const money = { type: 'money', currency } as const;
  return [
    {
      id: 'grossMinor',
      title: t('total'),
      kind: 'money',
      value: (row) => ({ minor: row.grossMinor, currency: row.currency }),
      width: 132,
      sort: 'index',
      filter: money,
      sum: true,
      phone: 'amount',
    },
    {
      id: 'openMinor',
      title: t('open'),
      kind: 'money',
      value: openValue,
      width: 120,
      sort: 'index',
      filter: money,
      sum: true,
      bare: true,
    },
  ];
}

/** Chosen in the menu of columns. */
function hiddenColumns(t: Words): readonly Column<InvoiceRow>[] {
  return [
    {
      id: 'netMinor',
      title: t('net'),
      kind: 'money',
      value: (row) => ({ minor: row.netMinor, currency: row.currency }),
      width: 120,
      sum: true,
      bare: true,
      hidden: true,
    },
    {
      id: 'reference',
      title: t('reference'),
      kind: 'text',
      value: ({ reference }) => reference,
      width: 160,
      filter: { type: 'text' },
      hidden: true,
    },
    {
      id: 'kind',
      title: t('kind'),
      kind: 'text',
      value: ({ kind }) => t(`kind_${kind}`),
      width: 110,
      filter: {
        type: 'enum',
        options: kinds.map((value) => ({ value, label: t(`kind_${value}`) })),
      },
      hidden: true,
    },
    {
      id: 'currency',
      title: t('currency'),
      kind: 'text',
      value: (row) => ({ value: row.currency, tone: 'muted' }),
      width: 80,
      hidden: true,
    },
    {
      id: 'updatedAt',
      title: t('changed'),
      kind: 'instant',
      value: ({ updatedAt }) => ({ value: updatedAt, tone: 'muted' }),
      width: 150,
      hidden: true,
    },
  ];
}

function dueValue(row: InvoiceRow, t: Words, { today, formats }: Calendar): CellValue {
  if (row.status === 'draft') return { value: t('not_issued'), tone: 'muted' };
  const due = dueIn(row, today);
  if (due === undefined) return { value: row.dueDate, tone: 'muted' };
  // The days beside it say which year.
  const value = day(row.dueDate, formats, { shortBefore: row.dueDate });
  return 'late' in due
    ? { value, note: t('days_late', { n: due.late }), noteTone: 'danger' }
    : { value, note: t('days_left', { n: due.left }) };
}

function openValue({ openMinor, currency }: InvoiceRow): CellValue {
  const value = { minor: openMinor, currency };
  return openMinor === 0 ? { value, tone: 'muted' } : value;
}
