import type { Json } from '@plinth/core';
import { z } from '@plinth/core/z';
import { t } from '@plinth/postgres';

/** What jsonb holds is JSON. */
export const json = t.json({
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the server's jsonb holds nothing else
  parse: (input: unknown) => input as Json,
});

/** What an enqueued job remembers of its enqueuer. */
export const Meta = z.object({
  actor: z.object({
    kind: z.enum(['user', 'key', 'system', 'operator', 'anonymous']),
    id: z.string(),
    /** As they were when it was enqueued. */
    permissions: z.array(z.string()),
  }),
  traceparent: z.string().nullable(),
  reqId: z.string().nullable(),
  keepDoneMs: z.number(),
  keepDeadMs: z.number(),
});
export type Meta = z.output<typeof Meta>;
export const meta = t.json(Meta);

export const Failure = z.object({ code: z.string(), message: z.string() });
export type Failure = z.output<typeof Failure>;
export const failure = t.json(Failure);
