import { useLocale, useToast, useWords } from '@plinth/ui/core';
import { money } from '@plinth/ui/format';

import english from '../../../messages/en/payment.json';
import { client } from '../../data/client.ts';
import { useCommand } from '../../data/queries.ts';
import { keepPayment, readPaymentAgain } from '../../parts/payment-queries.ts';
import type { PaymentDetail } from '../../parts/payment-state.ts';

interface Input {
  readonly id: string;
  readonly version: string;
  readonly invoiceIds?: string[];
}

/** Takes money back from invoices, all or one, and offers to put it back as it was. */
export function useUnallocate(payment: PaymentDetail): {
  run(invoiceId?: string): void;
  readonly busy: boolean;
} {
  const t = useWords(english);
  const toast = useToast();
  const { formats } = useLocale();
  const again = useAllocateAgain();
  const command = useCommand(
    (input: Input, options) => client.payments.unallocatePayment(input, options),
    {
      done(after, { invoiceIds }) {
        keepPayment(after);
        const taken = payment.allocations.filter(
          (allocation) => invoiceIds?.includes(allocation.invoiceId) !== false,
        );
        const minor = taken.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
        toast({
          text: t('taken_back', { amount: money({ minor, currency: after.currency }, formats) }),
          action: { label: t('undo'), run: () => again(after, taken) },
        });
      },
      failed(problem) {
        readPaymentAgain(payment.id);
        toast({
          text: problem.kind === 'stale' ? t('stale') : problem.message,
          tone: 'danger',
        });
      },
    },
  );
  const { id, version } = payment;
  return {
    run: (invoiceId) =>
      command.run({ id, version, ...(invoiceId === undefined ? {} : { invoiceIds: [invoiceId] }) }),
    busy: command.busy,
  };
}

type Taken = Pick<PaymentDetail['allocations'][number], 'invoiceId' | 'amountMinor'>;

function useAllocateAgain(): (payment: PaymentDetail, taken: readonly Taken[]) => void {
  const t = useWords(english);
  const toast = useToast();
  const command = useCommand(
    (input: Parameters<typeof client.payments.allocatePayment>[0], options) =>
      client.payments.allocatePayment(input, options),
    {
      done(after) {
        keepPayment(after);
        toast({ text: t('allocated_again'), tone: 'ok' });
      },
    },
  );
  return ({ id, version }, taken) =>
    command.run({
      id,
      version,
      allocate: {
        by: 'amounts',
        items: taken.map(({ invoiceId, amountMinor }) => ({ invoiceId, amountMinor })),
      },
    });
}
