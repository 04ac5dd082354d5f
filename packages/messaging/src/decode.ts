import type { NamedEvent } from '@plinth/contract';
import { z } from '@plinth/core/z';

import type { MessageRow } from './delivery-table.ts';
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
  | { readonly kind: 'ok'; readonly row: MessageRow; readonly envelope: Envelope }
  | { readonly kind: 'bad'; readonly row: MessageRow; readonly error: unknown }
  /** Written by a newer release: it waits until this process is replaced. */
  | { readonly kind: 'newer'; readonly row: MessageRow };

/** Brings an event to the newest version that is known here, and checks it. */
export function decode(row: MessageRow, events: ReadonlyMap<string, NamedEvent>): Decoded {
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
