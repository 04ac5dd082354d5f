import type { z } from '@plinth/core/z';
import type { customers } from '@plinth/customers';
import type { invoicing } from '@plinth/invoicing';

import { queryOf } from '../../data/queries.ts';

export type InvoicesImport = z.output<typeof invoicing.operations.getImport.output>;
export type ImportSettings = z.input<typeof invoicing.operations.runImport.input>['settings'];
export type CustomersImport = z.output<typeof customers.operations.getCustomersImport.output>;

const runningMs = 700;

/** Asks again while it runs: counts are written with each chunk of the file. */
function whileRunning(state: string | undefined): number | false {
  return state === 'running' ? runningMs : false;
}

export const invoicesImportQuery = (id: string) => ({
  ...queryOf('invoicing', 'getImport', { id }),
  refetchInterval: (query: {
    readonly state: { readonly data?: { readonly state: string } | undefined };
  }) => whileRunning(query.state.data?.state),
});
export const customersImportQuery = (id: string) => ({
  ...queryOf('customers', 'getCustomersImport', { id }),
  refetchInterval: (query: {
    readonly state: { readonly data?: { readonly state: string } | undefined };
  }) => whileRunning(query.state.data?.state),
});
