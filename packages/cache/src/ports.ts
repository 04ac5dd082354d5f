import type { Names } from './cache.ts';
import type { DataPosition, Position } from './position.ts';

/** What an entry of the log says has become invalid. */
export interface LogEvent {
  readonly names: Names;
  /** `soft`: still good as a fail-safe value. */
  readonly kind: 'hard' | 'soft';
  /** Every name there is. */
  readonly clear?: boolean;
  /** Where the commit behind it is in its source's log. */
  readonly data?: DataPosition;
}
export interface LogEntry extends LogEvent {
  readonly epoch: number;
  readonly seq: number;
}

/** Where a node stands after its first session or an anchor: nothing below `floor` counts. */
export interface LogStart {
  readonly epoch: number;
  readonly floor: number;
  /** All up to here is in effect, or is of no consequence. */
  readonly applied: number;
}

/** Who listens to the log: one node. */
export interface LogListener {
  /** In order, without a hole; an entry of several kinds comes in parts of one seq, in one turn. */
  entry(entry: LogEntry): void;
  /** What was known before is of another order, and counts for nothing. */
  joined(start: LogStart): void;
  /** All that was appended before this moment of `clock.mono()` has been heard. */
  confirmed(sentAt: number): void;
}

/** The only clock of invalidations: a total order of events, one a namespace. */
export interface Log {
  /** Processes share it: then it may be late, away or replaced. */
  readonly isShared: boolean;
  /**
   * Resolves when the event has its place; the listener may have heard it before.
   *
   * @param options.alone shares its entry with no other call's event.
   * @throws {Problem} `cache.log_away` when it did not get one in time: it may have one nevertheless.
   */
  append(event: LogEvent, options?: { readonly alone?: boolean }): Promise<Position>;
  /**
   * Resolves when the listener has joined; what comes after that is heard.
   *
   * @throws {Problem} `cache.config` for a server that will never do.
   */
  start(listener: LogListener): Promise<void>;
  close(): Promise<void>;
}

/** Who has the lease of a key, and the value beside it. */
export interface LeaseAnswer {
  /** What the holder wrote; undefined: it is the asker's now. */
  readonly holder: string | undefined;
  readonly value: Uint8Array | undefined;
}

/**
 * The second level: bytes that expire. Whatever it answers is judged by the position in it, so that a store may
 * forget, repeat, reorder and answer late. Each call has its own deadline and rejects at it.
 */
export interface Store {
  /** False while it is known to be away: asking would only cost time. */
  readonly isOpen: boolean;
  /** Milliseconds of the store's own clock, which all its users share. */
  now(): number;
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, value: Uint8Array, ttlMs: number): Promise<void>;
  drop(keys: readonly string[]): Promise<void>;
  /** @param options.force takes it from whoever has it. */
  lease(
    key: string,
    holder: string,
    options: { readonly ttlMs: number; readonly force: boolean },
  ): Promise<LeaseAnswer>;
  renew(key: string, ttlMs: number): Promise<void>;
  unlease(key: string): Promise<void>;
  close(): Promise<void>;
}

/** What processes share: one server, or one group of them. */
export interface Shared {
  readonly log: Log;
  readonly store: Store;
  describe(): SharedHealth;
}

export interface SharedHealth {
  readonly driver: string;
  /** Its breaker lets reads and writes through. */
  readonly isOpen: boolean;
  /** The log has a session. */
  readonly isJoined: boolean;
  /** What an operator should change. */
  readonly warnings: readonly string[];
  readonly anchors: Readonly<Record<'epoch' | 'hole', number>>;
  readonly resent: number;
  readonly memoryBytes: number | undefined;
  readonly memoryBytesMax: number | undefined;
  /** Entries of the log that are kept. */
  readonly retained: number | undefined;
}
