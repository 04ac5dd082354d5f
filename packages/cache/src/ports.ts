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

/** Who listens to the log: one node. */
export interface LogListener {
  /** In order, without a hole. */
  entry(entry: LogEntry): void;
}

/** The only clock of invalidations: a total order of events, one a namespace. */
export interface Log {
  /** Resolves when the event has its place; the listener may have heard it before. */
  append(event: LogEvent): Promise<Position>;
  /** @returns the newest position; what comes after it is heard. */
  start(listener: LogListener): Promise<Position>;
  close(): Promise<void>;
}
