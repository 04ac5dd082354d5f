import { fromVersion, toVersion } from '@plinth/contract';
import { Problem } from '@plinth/core';
import type { Transaction } from '@plinth/postgres';

import { lockPayments, type PaymentRow } from './payment-table.ts';
import { unknownPayment } from './wire.ts';

export interface Wanted {
  readonly id: string;
  /** As the caller saw it; absent: whatever it is. */
  readonly version?: string | undefined;
}

/** Call it after the invoices' items are locked. @throws {Problem} `payments.unknown`, `http.stale_version`. */
export async function lockPayment(tx: Transaction, { id, version }: Wanted): Promise<PaymentRow> {
  const [row] = await lockPayments(tx, [id]);
  if (row === undefined) throw unknownPayment(id);
  if (version !== undefined && fromVersion(version) !== row.version) {
    throw new Problem('Somebody changed it meanwhile.', {
      code: 'http.stale_version',
      kind: 'stale',
      context: { current: toVersion(row.version) },
    });
  }
  return row;
}
