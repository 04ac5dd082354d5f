import { useState } from 'react';

import { Button, Dialog, Note, useLocale, useToast, useWords } from '@plinth/ui/core';
import { money } from '@plinth/ui/format';

import english from '../../../messages/en/invoice.json';
import { client } from '../../data/client.ts';
import { useCommand } from '../../data/queries.ts';
import { keepInvoice, readInvoiceAgain } from '../../parts/invoice-queries.ts';
import type { InvoiceDetail } from '../../parts/invoice-state.ts';
import { ReasonField } from './reason-field.tsx';

interface VoidDialogProps {
  readonly invoice: InvoiceDetail;
  onClose(): void;
}

/** Takes an unpaid invoice back by a credit note in full. Never undone, so it names number and amount. */
export function VoidDialog({ invoice, onClose }: VoidDialogProps) {
  const t = useWords(english);
  const toast = useToast();
  const { formats } = useLocale();
  const [reason, setReason] = useState('');
  const { id, version, grossMinor, currency } = invoice;
  const number = invoice.number ?? '';
  const command = useCommand(
    (input: { id: string; version: string; reason: string }, options) =>
      client.invoicing.voidInvoice(input, options),
    {
      done({ invoice: voided, creditNote }) {
        keepInvoice(voided);
        toast({ text: t('void_done', { number, credit: creditNote.number ?? '' }), tone: 'ok' });
        onClose();
      },
      failed({ kind }) {
        if (kind === 'stale') readInvoiceAgain(id);
      },
    },
  );
  const missing = reason.trim() === '';
  return (
    <Dialog
      title={t('void_title', { number })}
      onClose={onClose}
      onSubmit={() => {
        if (!missing) command.run({ id, version, reason });
      }}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button
            type="submit"
            look="danger"
            busy={command.busy}
            off={missing ? t('credit_needs_reason') : ''}
          >
            {t('void_action', { number })}
          </Button>
        </>
      }
    >
      <p>{t('void_text', { amount: money({ minor: grossMinor, currency }, formats) })}</p>
      {command.problem !== undefined && (
        <Note tone="danger">
          {command.problem.kind === 'stale' ? t('changed_meanwhile') : command.problem.message}
        </Note>
      )}
      <ReasonField value={reason} onInput={setReason} />
    </Dialog>
  );
}
