import {
  defineModule,
  get,
  id,
  instant,
  listInput,
  pageOf,
  query,
  rowsInput,
  rowsOf,
  summaryInput,
  summaryOutput,
} from '@plinth/contract';
import { z } from '@plinth/core/z';

const entry = z.object({
  /** The event's id. */
  id,
  at: instant,
  /** Its place in the tenant's chain, from 1 without a gap. */
  seq: z.int(),
  actorKind: z.enum(['user', 'key', 'system', 'operator', 'anonymous']),
  /** Empty where nobody signed in. */
  actorId: z.string(),
  /** As it was then. */
  actorName: z.string(),
  /** The event's name: `invoicing.invoice-issued`. */
  action: z.string(),
  module: z.string(),
  objectId: z.string(),
  reqId: z.string(),
});

export const audit = defineModule('audit', {
  operations: {
    listEntries: query({
      input: listInput,
      output: pageOf(entry),
      permission: 'audit.read',
      http: get('/audit', { list: true }),
    }),
    summarizeEntries: query({
      input: summaryInput,
      output: summaryOutput,
      permission: 'audit.read',
      http: get('/audit/summary'),
    }),
    entryRows: query({
      input: rowsInput,
      output: rowsOf(entry),
      permission: 'audit.read',
      http: get('/audit/rows'),
    }),
    getEntry: query({
      input: z.object({ id }),
      output: entry.extend({
        /** The event as it was published, as JSON text. */
        body: z.string(),
        /** SHA-256 over the previous entry's hash and this entry, hex. */
        hash: z.string(),
      }),
      permission: 'audit.read',
      errors: { 'audit.unknown': 'notFound' },
      http: get('/audit/:id'),
    }),
    /** Computes the hashes again, from one entry to the head of the chain, at most 100,000 a call. */
    verifyChain: query({
      input: z.object({
        /** The last entry that an earlier call found whole; 0: from the first. */
        after: z.int().min(0).optional(),
      }),
      output: z.object({
        state: z.enum(['whole', 'broken', 'more']),
        /** Entries that this call looked at. */
        checked: z.int(),
        /** The last whole entry: where a next call begins. */
        lastSeq: z.int(),
        headSeq: z.int(),
        broken: z.object({ seq: z.int(), why: z.enum(['hash', 'missing', 'head']) }).nullable(),
        checkedAt: instant,
      }),
      permission: 'audit.read',
      deadline: 30_000,
      http: get('/audit/verify'),
    }),
  },
});
