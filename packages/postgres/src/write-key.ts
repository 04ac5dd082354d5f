import { Problem } from '@plinth/core';

import type { OpenTransaction } from './transaction.ts';

const insertText = `insert into plinth.write_key (tenant_id, key) values (current_setting('app.tenant')::uuid, $1)`;

/**
 * The first of two with one key goes on; the second waits for it to end, and finds whether it committed. It
 * tells on any timeline what became of a write whose answer was lost.
 *
 * @param before the attempt whose fate is in question.
 * @returns whether that attempt has committed; then this transaction is rolled back.
 * @throws {Problem} `postgres.conflict` for a key that an earlier write has used.
 */
export async function takeWriteKey(
  open: OpenTransaction,
  key: string,
  before: unknown,
): Promise<boolean> {
  try {
    await open.send({ text: insertText, values: [key] });
    return false;
  } catch (error) {
    const isTaken = error instanceof Problem && error.context?.['constraint'] === 'write_key_pkey';
    if (before === undefined || !isTaken) throw error;
    await open.rollback();
    return true;
  }
}
