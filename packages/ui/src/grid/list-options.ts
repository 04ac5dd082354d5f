import type { Row } from './column.ts';
import type { Page, PageQuery } from './row-source.ts';

export interface ListOptions<row extends Row> {
  /** One window: by `after`, `before`, `rank`, `around`, or the first. Filter and order are bound to it. */
  page(query: PageQuery, signal: AbortSignal): Promise<Page<row>>;
  /** Rows by id, at most 100, and the ids that no longer match. Without it a change is only seen at the next load. */
  rows?(
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly items: readonly row[]; readonly gone: readonly string[] }>;
  /** Begins at this row instead of the top. */
  readonly around?: string | undefined;
  /** 1 to 200, default 100. */
  readonly rowsPerBlock?: number;
  /** Default 60: the least used go first. */
  readonly blocksMax?: number;
  /** Of tests; default the browser's. */
  readonly timers?: Timers;
}

export interface Timers {
  after(ms: number, run: () => void): () => void;
}

export const browserTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
