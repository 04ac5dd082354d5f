import { fromVersion } from '@plinth/contract';
import type { Transaction } from '@plinth/postgres';

import { requireDraft, type Draft, type Issued } from './invoice.ts';
import { findCustomer, type CustomerTerms } from './detail-table.ts';
import { toInvoice, type InvoiceRow } from './invoice-row.ts';
import { lockInvoice } from './invoice-table.ts';
import { conflict, refused, staleVersion, unknownInvoice } from './problems.ts';

interface Wanted {
  readonly id: string;
  /** As the caller saw it; absent: whatever it is. */
  readonly version?: string | undefined;
}

/** @throws {Problem} `invoicing.unknown`, `http.stale_version`. */
async function lockVersion(tx: Transaction, { id, version }: Wanted): Promise<InvoiceRow> {
  const row = await lockInvoice(tx, id);
  if (row === undefined) throw unknownInvoice(id);
  if (version !== undefined && fromVersion(version) !== row.version) {
    throw staleVersion(row.version);
  }
  return row;
}

/** @throws {Problem} those of lockVersion, `invoicing.not_draft`. */
export async function lockDraft(tx: Transaction, wanted: Wanted): Promise<Draft> {
  return requireDraft(toInvoice(await lockVersion(tx, wanted)));
}

/** @throws {Problem} those of lockVersion, `invoicing.not_creditable` for a draft. */
export async function lockIssued(
  tx: Transaction,
  wanted: Wanted,
): Promise<{ invoice: Issued; row: InvoiceRow }> {
  const row = await lockVersion(tx, wanted);
  const invoice = toInvoice(row);
  if (invoice.status === 'draft') {
    throw conflict('invoicing.not_creditable', 'A draft is changed or deleted, not credited.');
  }
  return { invoice, row };
}

/** @throws {Problem} `invoicing.unknown_customer` for one that is not there, or takes no new documents. */
export async function requireCustomer(tx: Transaction, id: string): Promise<CustomerTerms> {
  const customer = await findCustomer(tx, id);
  if (customer !== undefined && !customer.archived) return customer;
  const message =
    customer === undefined ? 'There is no such customer.' : `${customer.name} is archived.`;
  throw refused('invoicing.unknown_customer', message, [
    { pointer: '/customerId', code: 'unknown_customer', message },
  ]);
}
