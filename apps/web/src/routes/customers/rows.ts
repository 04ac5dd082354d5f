import type { z } from '@plinth/core/z';
import type { customers } from '@plinth/customers';

export type CustomerRow = z.output<
  typeof customers.operations.listCustomers.output
>['items'][number];
