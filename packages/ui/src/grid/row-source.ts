import type { Row } from './column.ts';

/** One window of a list as the server answers it: ui-kit.md §4.1. */
export interface Page<row extends Row> {
  readonly items: readonly row[];
  readonly prev: string | null;
  readonly next: string | null;
  readonly rank: { readonly n: number; readonly exact: boolean };
  readonly total: { readonly n: number; readonly exact: boolean };
}

/** What a window is asked by: one of the four, or nothing for the first. */
export interface PageQuery {
  readonly limit: number;
  readonly after?: string;
  readonly before?: string;
  readonly rank?: number;
  readonly around?: string;
}

/** Totals of the filter: `sums` is null where they would take too long, `ruler` has 64 ticks. */
export interface Summary {
  readonly total: { readonly n: number; readonly exact: boolean };
  readonly sums:
    | readonly { readonly currency: string; readonly amounts: Readonly<Record<string, number>> }[]
    | null;
  readonly ruler: readonly { readonly n: number; readonly key: string }[];
}

export interface Change {
  /** Rows that were patched in place. */
  readonly rows?: readonly string[];
  /** Windows came, went or failed. */
  readonly all?: boolean;
  /** The rows in view got other ranks: what the user sees must not move. */
  readonly shift?: number;
  /** Jump here: where `around` found its row, or 0 after a reload from the top. */
  readonly moveTo?: number;
}

/** Why a rank has no row yet. */
export type Waiting = 'loading' | 'slow' | 'failed';

/** The rows of one filter and order, by rank, as they come: the grid draws what is here and asks for what it needs. */
export interface RowSource<row extends Row> {
  readonly total: { readonly n: number; readonly exact: boolean };
  /** False until the first answer. */
  readonly ready: boolean;
  /** The first row is in view: what is new may be shown at once. */
  readonly atTop: boolean;
  /** Rows that came since the last load and are not shown. */
  readonly fresh: number;
  /** undefined = draw a skeleton. */
  rowAt(rank: number): row | undefined;
  /** Patched rows that no longer match stay, greyed, until the next load. */
  isGone(id: string): boolean;
  waitingAt(rank: number): Waiting;
  /** The failure of the window at this rank. */
  errorAt(rank: number): unknown;
  want(from: number, to: number, velocityRowsPerS: number): void;
  rankOf(id: string): number | undefined;
  /** These rows changed: those that are here are read again. Null: all, keeping the place. */
  refresh(ids: readonly string[] | null): void;
  /** These rows are new in the books: counted for the pill, never pushed in. */
  arrived(ids: readonly string[]): void;
  /** Loads from the top, with what is new. */
  reload(): void;
  retry(): void;
  subscribe(listener: (change: Change) => void): () => void;
  close(): void;
}
