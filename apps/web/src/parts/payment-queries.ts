import { keyOf } from '../data/keys.ts';
import { invalidate, queryClient, queryOf } from '../data/queries.ts';
import type { PaymentDetail } from './payment-state.ts';

export function paymentQuery(id: string) {
  return queryOf('payments', 'getPayment', { id });
}

/** A command's answer is the newest there is; what is open changed with it. */
export function keepPayment(payment: PaymentDetail): void {
  queryClient.setQueryData(keyOf('payments', 'getPayment', { id: payment.id }), payment);
  void invalidate('payments', 'listOpenItems');
}

export function readPaymentAgain(id: string): void {
  void queryClient.invalidateQueries({ queryKey: keyOf('payments', 'getPayment', { id }) });
}
