import { useId, useState } from 'react';

import { Button, Dialog, Note, useLocale, useToast, useWords } from '@plinth/ui/core';
import { amount, money, parseMoney } from '@plinth/ui/format';

import english from '../../../messages/en/payment.json';
import { client } from '../../data/client.ts';
import { useCommand } from '../../data/queries.ts';
import { keepPayment, readPaymentAgain } from '../../parts/payment-queries.ts';
import type { PaymentDetail } from '../../parts/payment-state.ts';

interface RefundDialogProps {
  readonly payment: PaymentDetail;
  onClose(): void;
}

/** Books that credit went back. Never undone, so the button names the amount. */
export function RefundDialog({ payment, onClose }: RefundDialogProps) {
  const t = useWords(english);
  const { formats, today } = useLocale();
  const { id, version, number, customerName, currency, unallocatedMinor } = payment;
  const [typed, setTyped] = useState(() => amount({ minor: unallocatedMinor, currency }, formats));
  const [reason, setReason] = useState('');
  const command = useRefund(payment, onClose);
  const parsed = parseMoney(typed, currency, formats);
  const minor = parsed.ok ? parsed.minor : 0;
  const wrong = minor <= 0 || minor > unallocatedMinor;
  const figures = (value: number) => money({ minor: value, currency }, formats);
  const off = wrong || reason.trim() === '';
  return (
    <Dialog
      title={t('refund_title', { number })}
      onClose={onClose}
      onSubmit={() => {
        if (off) return;
        command.run({ id, version, amountMinor: minor, refundedOn: today, reason: reason.trim() });
      }}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button
            type="submit"
            look="danger"
            busy={command.busy}
            off={off ? t(wrong ? 'refund_amount' : 'reason') : ''}
          >
            {t('refund_action', { amount: figures(minor) })}
          </Button>
        </>
      }
    >
      <p>{t('refund_text', { name: customerName })}</p>
      {command.problem !== undefined && (
        <Note tone="danger">
          {command.problem.kind === 'stale' ? t('stale') : command.problem.message}
        </Note>
      )}
      <Field label={t('refund_amount')} value={typed} onInput={setTyped} figures wrong={wrong}>
        {t('refund_max', { amount: figures(unallocatedMinor) })}
      </Field>
      <Field label={t('reason')} value={reason} onInput={setReason} />
    </Dialog>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly figures?: boolean;
  readonly wrong?: boolean;
  readonly children?: string;
  onInput(text: string): void;
}

function Field({ label, value, figures = false, wrong = false, children, onInput }: FieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className={figures ? 'input num end' : 'input'}
        inputMode={figures ? 'decimal' : undefined}
        autoComplete="off"
        maxLength={500}
        aria-invalid={wrong || undefined}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {children !== undefined && <span className={wrong ? 'fault' : 'hint num'}>{children}</span>}
    </div>
  );
}

function useRefund(payment: PaymentDetail, onClose: () => void) {
  const t = useWords(english);
  const toast = useToast();
  const { formats } = useLocale();
  return useCommand(
    (input: Parameters<typeof client.payments.refundPayment>[0], options) =>
      client.payments.refundPayment(input, options),
    {
      done(after, { amountMinor }) {
        keepPayment(after);
        const figures = money({ minor: amountMinor, currency: after.currency }, formats);
        toast({ text: t('refund_done', { amount: figures }), tone: 'ok' });
        onClose();
      },
      failed({ kind }) {
        if (kind === 'stale') readPaymentAgain(payment.id);
      },
    },
  );
}
