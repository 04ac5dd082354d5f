import { useId, useState } from 'react';

import { Button, Dialog, Note, useLocale, useToast, useWords } from '@plinth/ui/core';
import { amount, money } from '@plinth/ui/format';

import english from '../../../messages/en/invoice.json';
import { client } from '../../data/client.ts';
import { useCommand } from '../../data/queries.ts';
import { keepInvoice, readInvoiceAgain } from '../../parts/invoice-queries.ts';
import { quantityText } from '../../parts/invoice-quantity.ts';
import type { InvoiceDetail } from '../../parts/invoice-state.ts';
import { type Chosen, creditRequest, restMinor } from './credit-request.ts';
import { ReasonField } from './reason-field.tsx';

interface CreditDialogProps {
  readonly invoice: InvoiceDetail;
  onClose(): void;
}

/** A credit note over all that is left of an invoice, or over some of its lines. */
export function CreditDialog({ invoice, onClose }: CreditDialogProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const [byLine, setByLine] = useState(false);
  const [chosen, setChosen] = useState<Chosen>(new Map());
  const [reason, setReason] = useState('');
  const command = useCredit(invoice, onClose);
  const request = creditRequest(invoice, chosen);
  const minor = byLine ? request.grossMinor : restMinor(invoice);
  const figures = money({ minor, currency: invoice.currency }, formats);
  const off = whyOff({ byLine, request, reason });
  return (
    <Dialog
      title={t('credit_title', { number: invoice.number ?? '' })}
      wide={byLine}
      onClose={onClose}
      onSubmit={() => {
        const { id, version } = invoice;
        if (off !== undefined) return;
        const lines = byLine ? { lines: request.lines } : {};
        command.run({ id, version, reason: reason.trim(), ...lines });
      }}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button
            type="submit"
            look="primary"
            busy={command.busy}
            off={off === undefined ? '' : t(off)}
          >
            {t('credit_action', { amount: figures })}
          </Button>
        </>
      }
    >
      {command.problem !== undefined && (
        <Note tone="danger">
          {command.problem.kind === 'stale' ? t('changed_meanwhile') : command.problem.message}
        </Note>
      )}
      <Extent invoice={invoice} byLine={byLine} onByLine={setByLine} />
      {byLine && (
        <CreditLines invoice={invoice} chosen={chosen} wrong={request.wrong} onChosen={setChosen} />
      )}
      <ReasonField value={reason} onInput={setReason} />
      <p className="muted">
        {t('credit_fixed')} {invoice.paidMinor > 0 && t('credit_paid')}
      </p>
    </Dialog>
  );
}

interface State {
  readonly byLine: boolean;
  readonly request: ReturnType<typeof creditRequest>;
  readonly reason: string;
}

function whyOff({ byLine, request, reason }: State) {
  if (byLine && request.wrong.size > 0) return 'credit_bad' as const;
  if (byLine && request.lines.length === 0) return 'credit_none' as const;
  return reason.trim() === '' ? ('credit_needs_reason' as const) : undefined;
}

interface CreditInput {
  readonly id: string;
  readonly version: string;
  readonly reason: string;
  readonly lines?: { position: number; quantity: string }[];
}

function useCredit(invoice: InvoiceDetail, onClose: () => void) {
  const t = useWords(english);
  const toast = useToast();
  const { formats } = useLocale();
  return useCommand(
    (input: CreditInput, options) => client.invoicing.creditInvoice(input, options),
    {
      done({ invoice: credited, creditNote: { number, grossMinor, currency } }) {
        keepInvoice(credited);
        const figures = money({ minor: -grossMinor, currency }, formats);
        toast({ text: t('credit_done', { number: number ?? '', amount: figures }), tone: 'ok' });
        onClose();
      },
      failed({ kind }) {
        if (kind === 'stale') readInvoiceAgain(invoice.id);
      },
    },
  );
}

interface ExtentProps {
  readonly invoice: InvoiceDetail;
  readonly byLine: boolean;
  onByLine(byLine: boolean): void;
}

function Extent({ invoice, byLine, onByLine }: ExtentProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const name = useId();
  const whole = money({ minor: restMinor(invoice), currency: invoice.currency }, formats);
  const options = [
    { label: t('credit_full', { amount: whole }), value: false },
    { label: t('credit_lines'), value: true },
  ];
  return (
    <div role="radiogroup" aria-label={t('credit')}>
      {options.map(({ label, value }) => (
        <label key={label} className="check">
          <input
            type="radio"
            className="box"
            name={name}
            checked={byLine === value}
            onChange={() => onByLine(value)}
          />
          <span className="num">{label}</span>
        </label>
      ))}
    </div>
  );
}

interface CreditLinesProps {
  readonly invoice: InvoiceDetail;
  readonly chosen: Chosen;
  readonly wrong: ReadonlySet<number>;
  onChosen(chosen: Chosen): void;
}

function CreditLines({ invoice, chosen, wrong, onChosen }: CreditLinesProps) {
  const t = useWords(english);
  const set = (position: number, quantity: string | undefined) => {
    const next = new Map(chosen);
    if (quantity === undefined) next.delete(position);
    else next.set(position, quantity);
    onChosen(next);
  };
  return (
    <div className="scroll">
      <table className="tbl">
        <thead>
          <tr>
            <th scope="col">{t('item')}</th>
            <th scope="col" className="end">
              {t('quantity')}
            </th>
            <th scope="col" className="end">
              {t('net')}
            </th>
          </tr>
        </thead>
        <tbody>
          {invoice.lines.map((line) => (
            <CreditLine
              key={line.position}
              line={line}
              currency={invoice.currency}
              typed={chosen.get(line.position)}
              isWrong={wrong.has(line.position)}
              onType={(quantity) => set(line.position, quantity)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface CreditLineProps {
  readonly line: InvoiceDetail['lines'][number];
  readonly currency: string;
  /** Undefined: it is not chosen. */
  readonly typed: string | undefined;
  readonly isWrong: boolean;
  onType(quantity: string | undefined): void;
}

function CreditLine({ line, currency, typed, isWrong, onType }: CreditLineProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { position, description, quantity, netMinor } = line;
  const whole = quantityText(quantity, formats);
  return (
    <tr>
      <td>
        <label className="check">
          <input
            type="checkbox"
            className="box"
            aria-label={t('credit_line', { n: position })}
            checked={typed !== undefined}
            onChange={({ currentTarget: { checked } }) => onType(checked ? quantity : undefined)}
          />
          <bdi className="clip max-w-60">{description}</bdi>
        </label>
      </td>
      <td className="end num">
        {typed === undefined ? (
          whole
        ) : (
          <span className="inline-flex items-center gap-2">
            <input
              className="input num end w-20"
              inputMode="decimal"
              aria-label={t('credit_quantity')}
              aria-invalid={isWrong || undefined}
              value={typed}
              onInput={(event) => onType(event.currentTarget.value)}
            />
            <span className="muted">{t('credit_of', { quantity: whole })}</span>
          </span>
        )}
      </td>
      <td className="end num">{amount({ minor: netMinor, currency }, formats)}</td>
    </tr>
  );
}
