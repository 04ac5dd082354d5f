import { z } from '@plinth/core/z';

import type { Message, Who } from '../backplane.ts';

/** What a stream's entry says. */
export type Entry =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'revoke'; readonly who: Who; readonly why: 'revoked' | 'expired' }
  | { readonly kind: 'reset' };

export interface Read {
  readonly id: string;
  readonly offset: number;
  /** Process that appended it, and its number there. */
  readonly origin: string;
  readonly number: number;
  /** Undefined: written by a version that knows more. */
  readonly entry: Entry | undefined;
}

/** Messages of one millisecond that an offset can tell apart; Redis appends fewer. */
const perMs = 4_096;
const Reply = z.array(z.tuple([z.string(), z.array(z.string())]));
/** Of one stream: a pair in a list (RESP 2), or flat (RESP 3). */
const Streams = z.union([
  z.null(),
  z.tuple([z.string(), Reply]),
  z.tuple([z.tuple([z.string(), Reply])]),
]);

const Known = z.union([
  z.strictObject({
    kind: z.literal('message'),
    message: z.object({
      channel: z.string(),
      key: z.string().nullable(),
      body: z.unknown(),
      position: z.string().optional(),
      except: z.string().optional(),
    }),
  }),
  z.strictObject({
    kind: z.literal('revoke'),
    who: z.union([z.strictObject({ session: z.string() }), z.strictObject({ user: z.string() })]),
    why: z.enum(['revoked', 'expired']),
  }),
  z.strictObject({ kind: z.literal('reset') }),
]);

/** An id of a stream, `milliseconds-number`, as one rising integer. */
export function offsetOf(id: string): number {
  const [ms = '0', number = '0'] = id.split('-');
  return Number(ms) * perMs + Math.min(Number(number), perMs - 1);
}

export function fieldsOf(entry: Entry, origin: string, number: number): string[] {
  return ['e', JSON.stringify(entry), 'o', origin, 'n', String(number)];
}

/** @throws {ZodError} for an answer that Redis does not give. */
export function readEntries(reply: unknown): Read[] {
  return Reply.parse(reply ?? []).map(([id, fields]) => toRead(id, fields));
}

export function readStreams(reply: unknown): Read[] {
  const streams = Streams.parse(reply);
  if (streams === null) return [];
  const entries = streams.length === 2 ? streams[1] : streams[0][1];
  return entries.map(([id, fields]) => toRead(id, fields));
}

function toRead(id: string, fields: readonly string[]): Read {
  const value = (name: string) => {
    const at = fields.indexOf(name);
    return at % 2 === 0 ? (fields[at + 1] ?? '') : '';
  };
  const parsed = Known.safeParse(parseJson(value('e')));
  return {
    id,
    offset: offsetOf(id),
    origin: value('o'),
    number: Number(value('n')),
    entry: parsed.success ? toEntry(parsed.data) : undefined,
  };
}

function toEntry(parsed: z.infer<typeof Known>): Entry {
  if (parsed.kind !== 'message') return parsed;
  const { channel, key, body, position, except } = parsed.message;
  return { kind: 'message', message: { channel, key, body, position, except } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
