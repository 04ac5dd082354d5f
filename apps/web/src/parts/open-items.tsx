import type { KeyboardEvent } from 'react';

import { Button, Note, useLocale, useWords } from '@plinth/ui/core';
import { amount, day, daysBetween, money } from '@plinth/ui/format';

import english from '../../messages/en/payment-items.json';
import { fillOrder, namedIn, type OpenItem } from './spread.ts';
import type { SpreadState } from './use-spread.ts';

interface OpenItemsProps {
  readonly items: readonly OpenItem[];
  /** There are more than the server sends. */
  readonly more: boolean;
  readonly currency: string;
  readonly spread: SpreadState;
  /** What the payer wrote: it may name an invoice. */
  readonly reference?: string | undefined;
}

/** What the customer owes, and what of the payment goes where. */
export function OpenItems({ items, more, currency, spread, reference = '' }: OpenItemsProps) {
  const t = useWords(english);
  const shown = fillOrder(items, currency, spread.first);
  if (shown.length === 0) {
    const none = items.length === 0 ? t('none_at_all') : t('none', { currency });
    return (
      <div className="px-4 pb-4">
        <p className="muted">{none}</p>
        <OtherCurrencies items={items} currency={currency} />
      </div>
    );
  }
  return (
    <>
      <div className="flex flex-col items-start gap-2 px-4 pb-2">
        <Mode spread={spread} />
        <Named items={shown} reference={reference} spread={spread} />
        <OtherCurrencies items={items} currency={currency} />
        {more && <p className="muted">{t('more')}</p>}
      </div>
      <div className="scroll">
        <ItemsTable items={shown} spread={spread} />
      </div>
    </>
  );
}

function Mode({ spread }: { readonly spread: SpreadState }) {
  const t = useWords(english);
  const { mode } = spread.plan;
  return (
    <div className="seg" role="group" aria-label={t('mode')}>
      <button type="button" aria-pressed={mode === 'oldest'} onClick={() => spread.spreadOldest()}>
        {t('oldest')}
      </button>
      <button
        type="button"
        aria-pressed={mode === 'typed'}
        onClick={() => {
          const [first = ''] = spread.plan.shares.keys();
          if (mode === 'oldest') spread.type(first, spread.textOf(first));
        }}
      >
        {t('typed')}
      </button>
    </div>
  );
}

interface NamedProps {
  readonly items: readonly OpenItem[];
  readonly reference: string;
  readonly spread: SpreadState;
}

function Named({ items, reference, spread }: NamedProps) {
  const t = useWords(english);
  const named = namedIn(reference, items);
  if (named === undefined || named.invoiceId === spread.first) return null;
  return (
    <Note
      action={
        <Button look="quiet" onClick={() => spread.spreadOldest(named.invoiceId)}>
          {t('named_action')}
        </Button>
      }
    >
      {t('named', { number: named.number })}
    </Note>
  );
}

function OtherCurrencies({ items, currency }: Pick<OpenItemsProps, 'items' | 'currency'>) {
  const t = useWords(english);
  const { formats } = useLocale();
  const sums = new Map<string, number>();
  for (const item of items) {
    if (item.currency === currency) continue;
    sums.set(item.currency, (sums.get(item.currency) ?? 0) + item.openMinor);
  }
  if (sums.size === 0) return null;
  const list = [...sums]
    .map(([code, minor]) => money({ minor, currency: code }, formats))
    .join(', ');
  return <p className="muted num">{t('others', { list })}</p>;
}

function ItemsTable({ items, spread }: Pick<OpenItemsProps, 'items' | 'spread'>) {
  const t = useWords(english);
  return (
    <table className="tbl lines" aria-label={t('label')}>
      <thead>
        <tr>
          <th scope="col">{t('invoice')}</th>
          <th scope="col" className="wide-only">
            {t('due')}
          </th>
          <th scope="col" className="end">
            {t('open')}
          </th>
          <th scope="col" className="end">
            {t('pays')}
          </th>
          <th scope="col" className="end wide-only">
            {t('left_open')}
          </th>
          <th className="wide-only" />
        </tr>
      </thead>
      <tbody onKeyDown={walk}>
        {items.map((item) => (
          <ItemRow key={item.invoiceId} item={item} spread={spread} />
        ))}
      </tbody>
    </table>
  );
}

interface ItemRowProps {
  readonly item: OpenItem;
  readonly spread: SpreadState;
}

function ItemRow({ item, spread }: ItemRowProps) {
  const t = useWords(english);
  const { formats, today } = useLocale();
  const { invoiceId, number, dueDate, openMinor, currency } = item;
  const share = spread.plan.shares.get(invoiceId) ?? 0;
  const fault = spread.plan.faults.get(invoiceId);
  const late = daysBetween(dueDate, today);
  const figures = (minor: number) => amount({ minor, currency }, formats);
  const due = (
    <>
      {day(dueDate, formats, { shortBefore: today })}{' '}
      {late > 0 && <span className="danger">{t('days_late', { n: late })}</span>}
    </>
  );
  return (
    <tr>
      <td className="num ps-3 tablet:ps-4">
        <a href={`/invoices/${invoiceId}`}>{number}</a>
        <small className="block text-small text-muted tablet:hidden">{due}</small>
      </td>
      <td className="sumcell num wide-only">{due}</td>
      <td className="sumcell end num">{figures(openMinor)}</td>
      <td className="w-28 tablet:w-36">
        <input
          className="input num end border-line"
          inputMode="decimal"
          autoComplete="off"
          aria-label={t('amount_for', { number })}
          aria-invalid={fault === undefined ? undefined : true}
          title={fault === undefined ? undefined : t(fault)}
          value={spread.textOf(invoiceId)}
          onInput={(event) => spread.type(invoiceId, event.currentTarget.value)}
        />
        {fault !== undefined && <span className="fault px-2 pb-1">{t(fault)}</span>}
      </td>
      <td className={`sumcell end num wide-only ${openMinor === share ? 'muted' : ''}`}>
        {figures(openMinor - share)}
      </td>
      <td className="act wide-only">
        <button
          type="button"
          className="btn quiet"
          aria-label={t('fill_for', { number })}
          onClick={() => spread.fill(item)}
        >
          {t('fill')}
        </button>
      </td>
    </tr>
  );
}

/** Arrows and Enter walk down and up the column of amounts. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const by = { ArrowDown: 1, Enter: 1, ArrowUp: -1 }[event.key];
  if (by === undefined || !(event.target instanceof HTMLInputElement)) return;
  const inputs = [...event.currentTarget.querySelectorAll('input')];
  const next = inputs[inputs.indexOf(event.target) + by];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
  next.select();
}
