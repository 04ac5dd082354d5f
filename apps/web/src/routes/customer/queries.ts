import type { z } from '@plinth/core/z';
import type { customers } from '@plinth/customers';

import { queryOf } from '../../data/queries.ts';

export type Customer = z.output<typeof customers.operations.getCustomer.output>;
export type Balance = z.output<typeof customers.operations.getBalances.output>['items'][number];
export type Statement = z.output<typeof customers.operations.getStatement.output>;

export const rowsMax = 50;

export const customerQuery = (id: string) => queryOf('customers', 'getCustomer', { id });
export const balancesQuery = (id: string) => queryOf('customers', 'getBalances', { id });

/** Their open invoices, the oldest due date first. */
export const openInvoicesQuery = (id: string) =>
  queryOf('invoicing', 'listInvoices', {
    f: [`customerId:in:${id}`, 'status:in:open'],
    sort: 'dueDate',
    limit: rowsMax,
  });
export const invoicesQuery = (id: string) =>
  queryOf('invoicing', 'listInvoices', {
    f: [`customerId:in:${id}`],
    sort: '-issueDate',
    limit: rowsMax,
  });
export const paymentsQuery = (id: string) =>
  queryOf('payments', 'listPayments', {
    f: [`customerId:in:${id}`],
    sort: '-receivedOn',
    limit: rowsMax,
  });
