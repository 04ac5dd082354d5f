import { event, id, version } from '@plinth/contract';
import { z } from '@plinth/core/z';

export const customersEvents = {
  customerCreated: event({
    schema: z.object({ customerId: id, number: z.string(), name: z.string(), version }),
    key: 'customerId',
    order: 'held',
  }),
  customerChanged: event({
    schema: z.object({
      customerId: id,
      number: z.string(),
      version,
      /** As text; null: it was or is absent. */
      changes: z.array(
        z.object({ field: z.string(), from: z.string().nullable(), to: z.string().nullable() }),
      ),
    }),
    key: 'customerId',
    order: 'held',
  }),
  customerArchived: event({
    schema: z.object({ customerId: id, number: z.string(), version }),
    key: 'customerId',
    order: 'held',
  }),
  customerRestored: event({
    schema: z.object({ customerId: id, number: z.string(), version }),
    key: 'customerId',
    order: 'held',
  }),
  importStarted: event({
    schema: z.object({ importId: id, fileName: z.string() }),
    key: 'importId',
    order: 'held',
  }),
  importFinished: event({
    schema: z.object({
      importId: id,
      fileName: z.string(),
      /** Null: an API key or the system. */
      startedBy: id.nullable(),
      created: z.int(),
      changed: z.int(),
      rejected: z.int(),
      failed: z.boolean(),
    }),
    key: 'importId',
    order: 'held',
  }),
};
