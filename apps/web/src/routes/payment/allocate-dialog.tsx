import { useQuery } from '@tanstack/react-query';

import {
  Button,
  Dialog,
  ErrorState,
  Note,
  Skeleton,
  useLocale,
  useToast,
  useWords,
} from '@plinth/ui/core';
import { money } from '@plinth/ui/format';

import english from '../../../messages/en/payment.json';
import { client } from '../../data/client.ts';
import { queryOf, useCommand } from '../../data/queries.ts';
import { OpenItems } from '../../parts/open-items.tsx';
import { keepPayment, readPaymentAgain } from '../../parts/payment-queries.ts';
import { PaymentRest } from '../../parts/payment-rest.tsx';
import type { PaymentDetail } from '../../parts/payment-state.ts';
import { toSpread } from '../../parts/spread.ts';
import { useSpread } from '../../parts/use-spread.ts';

interface AllocateDialogProps {
  readonly payment: PaymentDetail;
  onClose(): void;
}

/** Spreads what is left of a payment over the customer's open invoices. */
export function AllocateDialog({ payment, onClose }: AllocateDialogProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { id, version, customerId, currency, unallocatedMinor: minor, reference } = payment;
  const open = useQuery({
    ...queryOf('payments', 'listOpenItems', { customerId }),
    staleTime: 0,
  });
  const spread = useSpread({ items: open.data?.items ?? [], minor, currency });
  const command = useAllocate(payment, onClose);
  const allocate = toSpread(spread.plan);
  const wrong = spread.plan.faults.size > 0 || spread.plan.restMinor < 0;
  const figures = (value: number) => money({ minor: value, currency }, formats);
  const off = allocate === undefined || wrong;
  return (
    <Dialog
      title={t('allocate_title', { amount: figures(minor) })}
      wide
      onClose={onClose}
      onSubmit={() => {
        if (allocate !== undefined && !wrong) command.run({ id, version, allocate });
      }}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button
            type="submit"
            look="primary"
            busy={command.busy}
            off={off ? t('no_allocations') : ''}
          >
            {t('allocate_action', { amount: figures(spread.plan.allocatedMinor) })}
          </Button>
        </>
      }
    >
      {command.problem !== undefined && (
        <Note tone="danger">
          {command.problem.kind === 'stale' ? t('stale') : command.problem.message}
        </Note>
      )}
      {open.isPending && <Skeleton lines={4} />}
      {open.isError && <ErrorState error={open.error} onRetry={() => void open.refetch()} />}
      {open.data !== undefined && (
        <div>
          <OpenItems
            items={open.data.items}
            more={open.data.more}
            currency={currency}
            spread={spread}
            reference={reference ?? ''}
          />
        </div>
      )}
      <PaymentRest plan={spread.plan} currency={currency} />
    </Dialog>
  );
}

function useAllocate(payment: PaymentDetail, onClose: () => void) {
  const t = useWords(english);
  const toast = useToast();
  const { formats } = useLocale();
  return useCommand(
    (input: Parameters<typeof client.payments.allocatePayment>[0], options) =>
      client.payments.allocatePayment(input, options),
    {
      done(after) {
        keepPayment(after);
        const minor = after.allocatedMinor - payment.allocatedMinor;
        const figures = money({ minor, currency: after.currency }, formats);
        toast({ text: t('allocate_done', { amount: figures }), tone: 'ok' });
        onClose();
      },
      failed({ kind }) {
        if (kind === 'stale') readPaymentAgain(payment.id);
      },
    },
  );
}
