import type { NamedEvent } from '@plinth/contract';
import { idTime } from '@plinth/core';
import { z } from '@plinth/core/z';

import type { Inbound } from './delivery-table.ts';
import type { Envelope } from './envelope.ts';

const Meta = z.object({
  actor: z
    .object({ kind: z.enum(['user', 'key', 'system', 'operator', 'anonymous']), id: z.string() })
    .nullable(),
  reqId: z.string(),
  traceparent: z.string().optional(),
  correlation: z.string(),
  causation: z.string().nullable(),
  headers: z.record(z.string(), z.string()).default({}),
});

export type Decoded =
  | { readonly kind: 'ok'; readonly row: Inbound; readonly envelope: Envelope }
  | { readonly kind: 'bad'; readonly row: Inbound; readonly error: unknown }
  /** A broker kept it for longer than handled ones are remembered. */
  | { readonly kind: 'too-old'; readonly row: Inbound }
  /** Written by a newer release: it waits until this process is replaced. */
  | { readonly kind: 'newer'; readonly row: Inbound };

/**
 * Brings an event to the newest version that is known here, and checks it.
 *
 * @param oldestIdMs of what a broker carries.
 */
export function decode(
  row: Inbound,
  events: ReadonlyMap<string, NamedEvent>,
  oldestIdMs = 0,
): Decoded {
  if (row.carried !== undefined && idTime(row.id) < oldestIdMs) return { kind: 'too-old', row };
  const event = row.name === null ? undefined : events.get(row.name);
  if (row.name === null) return { kind: 'bad', row, error: 'The event is no longer retained.' };
  if (event === undefined || row.version === null || row.version > event.version) {
    return { kind: 'newer', row };
  }
  try {
    const { traceparent, ...meta } = Meta.parse(row.meta);
    const body = event.schema.parse(upcast(row.body, row.version, event));
    const envelope: Envelope = {
      id: row.id,
      name: row.name,
      version: event.version,
      key: row.key,
      part: row.part,
      tenant: row.tenant,
      at: row.at,
      ...meta,
      ...(traceparent === undefined ? {} : { traceparent }),
      seq: row.seq.toString(),
      src: row.src,
      attempt: row.attempt + 1,
      redriven: row.redriven,
      body,
    };
    return { kind: 'ok', row, envelope };
  } catch (error) {
    return { kind: 'bad', row, error };
  }
}

function upcast(body: unknown, from: number, { version, upcast: steps, name }: NamedEvent) {
  let value = body;
  for (let at = from; at < version; at += 1) {
    const step = steps?.[at];
    if (step === undefined) throw new TypeError(`${name} has no upcast from version ${at}.`);
    value = step(value);
  }
  return value;
}
