import type { Entry } from './ring.ts';

export type CloseCode = 4001 | 4003 | 4004 | 4005 | 4008 | 4009 | 4010 | 4011 | 4012;
export type Transport = 'sse' | 'ws';

/** Something other than a message. */
export interface Word {
  readonly name: 'hello' | 'reset' | 'deny' | 'renew' | 'bye' | 'ack' | 'nack';
  readonly data: unknown;
  /** Where the reader is from now on. */
  readonly cursor?: string | undefined;
  /** Why it was not done. */
  readonly problem?: unknown;
}

/** How one reader's connection speaks. Nothing here waits: what the reader does not take is held. */
export interface Wire {
  readonly transport: Transport;
  /** Bytes that are written and not taken. */
  readonly heldBytes: number;
  tell(word: Word): void;
  message(entry: Entry): void;
  /** A sign of life, which some answer. */
  beat(): void;
  /** Since when an answer to a sign of life is missing, by `clock.mono()`. */
  readonly unansweredSinceMs: number | undefined;
  /** No more after this. */
  end(code: CloseCode): void;
  destroy(): void;
  onRoom(work: () => void): void;
  onClosed(work: () => void): void;
}
