import { z } from '@plinth/core/z';

import type { Inbound, MessageRow } from './delivery-table.ts';
import type { SentRow } from './relay-table.ts';

const Carried = z.object({
  id: z.uuid(),
  src: z.int(),
  seq: z.string().regex(/^\d{1,19}$/u),
  at: z.string(),
  lane: z.string(),
  name: z.string(),
  version: z.int(),
  key: z.string().nullable(),
  tenant: z.string().nullable(),
  meta: z.unknown(),
  body: z.unknown(),
});

/** What a broker carries of an event: everything, so that its reader asks nobody. */
export function encodeCarried(row: SentRow, src: number): Buffer {
  const { seq, ...rest } = row;
  return Buffer.from(JSON.stringify({ ...rest, src, seq: seq.toString() }));
}

/** @throws {ZodError} for what no relay of ours wrote. */
export function decodeCarried(
  body: Buffer,
  { sub, part }: Pick<MessageRow, 'sub' | 'part'>,
  ack: () => void,
): Inbound {
  const { seq, ...event } = Carried.parse(JSON.parse(body.toString()));
  const { name, version, key, tenant, meta } = event;
  const stored = { name, version, key, tenant, meta, body: event.body };
  const place = { sub, part, pos: 0n, seq: BigInt(seq), attempt: 0, redriven: false };
  return { ...event, ...place, carried: { stored, ack } };
}
