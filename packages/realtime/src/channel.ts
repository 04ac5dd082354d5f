import type { Position } from '@plinth/core';
import type { z } from '@plinth/core/z';

/** The values of a pattern's segments in braces. */
export type Params = Readonly<Record<string, string>>;

/** Who is connected: made from http's session and identity's roles. */
export interface Auth {
  readonly user: string;
  readonly tenant: string;
  readonly permissions: ReadonlySet<string>;
  /** Names the session, opens nothing. */
  readonly session: string;
  /** Ms since the Unix epoch; the connection ends then with 4005. */
  readonly expiresMs: number;
}

export interface ChannelContract<message = unknown> {
  /** `t/{tenant}/invoices`: at most 8 segments of `[a-zA-Z0-9_-]{1,64}`. A `{tenant}` must be the session's own. */
  readonly pattern: string;
  readonly schema: z.ZodType<message>;
  authorize(auth: Auth, params: Params): boolean | Promise<boolean>;
  /** Whether readers may publish to each other over their WebSockets. Default `nothing`. */
  readonly clientMay?: 'nothing' | 'publish';
  /** Only the latest message of a key is kept for a slow reader; null: all are. */
  coalesce?(message: message): string | null;
}

export interface SendOptions {
  /** The message is sent after this transaction has committed, never when it rolls back. */
  readonly tx?: { after(work: () => void): void };
  /** What a reader must have seen before it asks again; goes along as text. */
  readonly position?: Position | string;
  /** A connection that does not get it. */
  readonly except?: string;
}

export interface Channel<message> {
  /**
   * Sends to all who are connected to the channel, never waiting for any of them.
   *
   * With `tx` it is sent from this process's memory: a crash between commit and sending loses it. What must
   * not be missed is published by the subscription of an event, which runs again.
   *
   * @throws {Problem} `realtime.bad_message` for one that the schema refuses, `realtime.bad_channel`.
   */
  publish(params: Params, message: message, options?: SendOptions): Promise<void>;
  /** The users connected to the channel, and since when (RFC 3339). */
  presence(params: Params): Promise<{ user: string; since: string }[]>;
}

/** What tells a browser to ask again: never row data, since permissions stay with the API. */
export interface Invalidation {
  /** `invoicing.invoice-issued` */
  readonly topic: string;
  /** Absent, or more than 200: everything of the topic. */
  readonly ids?: readonly string[] | undefined;
}

export function defineChannel<message>(
  contract: ChannelContract<message>,
): ChannelContract<message> {
  return contract;
}
