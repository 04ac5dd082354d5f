import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';

import {
  Button,
  type ComponentChildren,
  Dialog,
  Facts,
  Money,
  Note,
  useLocale,
  useToast,
  useWords,
} from '@plinth/ui/core';
import { addDays, count, day, money } from '@plinth/ui/format';

import english from '../../messages/en/invoice-issue.json';
import { client } from '../data/client.ts';
import { invalidate, queryOf, useCommand } from '../data/queries.ts';
import { keepInvoice, readInvoiceAgain } from './invoice-queries.ts';
import type { InvoiceDetail } from './invoice-state.ts';

interface IssueDialogProps {
  /** As it is stored: what is issued is what the server has. */
  readonly invoice: InvoiceDetail;
  onClose(): void;
  onIssued?(invoice: InvoiceDetail): void;
}

/** Says what becomes fixed, and under which number; never optimistic. */
export function IssueDialog({ invoice, onClose, onIssued }: IssueDialogProps) {
  const t = useWords(english);
  const { formats, today } = useLocale();
  const [planned, setPlanned] = useState(false);
  const issueDate = planned ? invoice.issueDate : today;
  const blocks = blocksOf(invoice);
  const command = useIssue(invoice, onClose, onIssued);
  const { id, version, grossMinor, currency } = invoice;
  const total = money({ minor: grossMinor, currency }, formats);
  return (
    <Dialog
      title={t('title')}
      onClose={onClose}
      onSubmit={() => {
        if (blocks.length === 0) command.run({ id, version, issueDate });
      }}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button
            type="submit"
            look="primary"
            busy={command.busy}
            off={blocks.map((block) => t(block)).join(' ')}
          >
            {t('action', { amount: total })}
          </Button>
        </>
      }
    >
      <Faults blocks={blocks.map((block) => t(block))} command={command} />
      <Fixed invoice={invoice} issueDate={issueDate} />
      {canBePlanned(invoice, today) && (
        <DateChoice invoice={invoice} planned={planned} onPlanned={setPlanned} />
      )}
      {invoice.issueDate > addDays(today, 1) && <p className="muted">{t('in_future')}</p>}
      <p className="muted">{t('fixed')}</p>
    </Dialog>
  );
}

/** What the server would refuse, known before it is asked. */
function blocksOf({ lines, grossMinor }: InvoiceDetail): readonly ('no_lines' | 'negative')[] {
  if (lines.length === 0) return ['no_lines'];
  return grossMinor < 0 ? ['negative'] : [];
}

/** Another day than today, at most one ahead: it is tomorrow already where some people work. */
function canBePlanned({ issueDate }: InvoiceDetail, today: string): boolean {
  return issueDate !== today && issueDate <= addDays(today, 1);
}

interface IssueInput {
  readonly id: string;
  readonly version: string;
  readonly issueDate: string;
}

function useIssue(
  invoice: InvoiceDetail,
  onClose: () => void,
  onIssued: ((issued: InvoiceDetail) => void) | undefined,
) {
  const t = useWords(english);
  const toast = useToast();
  return useCommand((input: IssueInput, options) => client.invoicing.issueInvoice(input, options), {
    done(issued) {
      keepInvoice(issued);
      void invalidate('invoicing', 'listSeries');
      toast({ text: t('done', { number: issued.number ?? '' }), tone: 'ok' });
      onClose();
      onIssued?.(issued);
    },
    failed({ kind }) {
      if (kind === 'stale' || kind === 'conflict') readInvoiceAgain(invoice.id);
    },
  });
}

interface FaultsProps {
  readonly blocks: readonly string[];
  readonly command: ReturnType<typeof useIssue>;
}

function Faults({ blocks, command: { problem } }: FaultsProps) {
  const t = useWords(english);
  const refused = problem?.fields?.map(({ message }) => message) ?? [];
  const listed = problem === undefined ? blocks : refused;
  if (listed.length > 0) {
    return (
      <Note tone="danger">
        {t('blocked')}
        <ul>
          {listed.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      </Note>
    );
  }
  if (problem === undefined) return null;
  return (
    <Note tone={problem.kind === 'stale' ? 'warn' : 'danger'}>
      {problem.kind === 'stale' ? t('stale') : problem.message}
    </Note>
  );
}

interface FixedProps {
  readonly invoice: InvoiceDetail;
  readonly issueDate: string;
}

function Fixed({ invoice, issueDate }: FixedProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { customerName, termDays, lines, grossMinor, currency } = invoice;
  const date = (text: string) => <span className="num">{day(text, formats)}</span>;
  const facts: (readonly [string, ComponentChildren])[] = [
    [t('number'), <NextNumber year={Number(issueDate.slice(0, 4))} />],
    [t('customer'), <bdi>{customerName}</bdi>],
    [t('issued_on'), date(issueDate)],
    [t('due'), date(addDays(issueDate, termDays))],
    [t('lines'), <span className="num">{count(lines.length, formats)}</span>],
    [
      t('total'),
      <strong>
        <Money minor={grossMinor} currency={currency} />
      </strong>,
    ],
  ];
  return <Facts items={facts} />;
}

/** A preview: whoever issues first gets it. */
function NextNumber({ year }: { readonly year: number }) {
  const t = useWords(english);
  const series = useQuery({
    ...queryOf('invoicing', 'listSeries', { year }),
    staleTime: 0,
  });
  const next = series.data?.items.find(({ kind }) => kind === 'invoice')?.next;
  return (
    <span className="num">
      {next === undefined || next === null ? '…' : t('next', { number: next })}
    </span>
  );
}

interface DateChoiceProps {
  readonly invoice: InvoiceDetail;
  readonly planned: boolean;
  onPlanned(planned: boolean): void;
}

function DateChoice({ invoice, planned, onPlanned }: DateChoiceProps) {
  const t = useWords(english);
  const { formats, today } = useLocale();
  const name = useId();
  const options = [
    { value: false, label: t('date_today', { date: day(today, formats) }) },
    { value: true, label: t('date_planned', { date: day(invoice.issueDate, formats) }) },
  ];
  return (
    <div role="radiogroup" aria-label={t('issued_on')}>
      {options.map(({ value, label }) => (
        <label key={label} className="check">
          <input
            type="radio"
            className="box"
            name={name}
            checked={planned === value}
            onChange={() => onPlanned(value)}
          />
          {label}
        </label>
      ))}
    </div>
  );
}
