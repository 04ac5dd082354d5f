import { Problem } from '@plinth/core/problem';

import type { Row } from './column.ts';
import { Islands, type View } from './islands.ts';
import type { Wanted } from './joint.ts';
import { browserTimers, type ListOptions, type Timers } from './list-options.ts';
import type { Change, Page, RowSource, Waiting } from './row-source.ts';

/** A thumb that rests this long is where the user wants it. */
const restMs = 80;
/** While it moves on, one window in this time. */
const dragMs = 250;
const inFlightMax = 2;
/** After it the grid says «Still loading…». */
const slowMs = 5_000;
/** Above it the window is a blur: nobody reads, so nothing is loaded but by `dragMs`. */
const blurRowsPerS = 2_000;
const idsPerCallMax = 100;

/**
 * The rows of a list under one filter and order. Windows are fetched beside what is loaded by cursor, farther away by
 * rank; at most two at once, those outside the view are aborted. A window that fails is a state of the window.
 */
export function listSource<row extends Row>(options: ListOptions<row>): RowSource<row> {
  return new ListSource(options);
}

interface Flight {
  readonly wanted: Wanted;
  readonly abort: AbortController;
  slow: boolean;
}

class ListSource<row extends Row> implements RowSource<row> {
  fresh = 0;
  readonly #options: ListOptions<row>;
  readonly #timers: Timers;
  readonly #limit: number;
  readonly #islands = new Islands<row>();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #gone = new Set<string>();
  readonly #arrived = new Set<string>();
  readonly #flights = new Set<Flight>();
  /** By the text of their queries: what failed is asked again by `retry` only. */
  readonly #failures = new Map<string, { readonly wanted: Wanted; readonly error: unknown }>();
  #view: View = { from: 0, to: 0 };
  #around: string | undefined;
  #stopWaiting: (() => void) | undefined;
  #stopDrag: (() => void) | undefined;
  #closed = new AbortController();
  /** The rows on screen are of an older load until the first answer of the new one. */
  #reloading = false;

  constructor(options: ListOptions<row>) {
    this.#options = options;
    this.#timers = options.timers ?? browserTimers;
    this.#limit = options.rowsPerBlock ?? 100;
    this.#around = options.around;
  }

  get total(): { readonly n: number; readonly exact: boolean } {
    return this.#islands.total;
  }

  get ready(): boolean {
    return this.#islands.known;
  }

  get atTop(): boolean {
    return this.#view.from === 0;
  }

  rowAt(rank: number): row | undefined {
    return this.#islands.rowAt(rank);
  }

  rankOf(id: string): number | undefined {
    return this.#islands.rankOf(id);
  }

  isGone(id: string): boolean {
    return this.#gone.has(id);
  }

  waitingAt(rank: number): Waiting {
    if (this.#failureAt(rank) !== undefined) return 'failed';
    return [...this.#flights].some(({ slow }) => slow) ? 'slow' : 'loading';
  }

  errorAt(rank: number): unknown {
    return this.#failureAt(rank)?.error;
  }

  #failureAt(rank: number): { readonly error: unknown } | undefined {
    return [...this.#failures.values()].find(
      ({ wanted }) => rank >= wanted.rank && rank < wanted.rank + wanted.query.limit,
    );
  }

  want(from: number, to: number, velocityRowsPerS: number): void {
    this.#view = { from, to };
    this.#dropFarFlights();
    this.#stopWaiting?.();
    if (Math.abs(velocityRowsPerS) < blurRowsPerS) {
      this.#stopDrag?.();
      this.#stopDrag = undefined;
      this.#load(velocityRowsPerS);
      return;
    }
    const load = () => {
      this.#stopWaiting?.();
      this.#stopDrag?.();
      this.#stopDrag = undefined;
      this.#load(0);
    };
    this.#stopWaiting = this.#timers.after(restMs, load);
    this.#stopDrag ??= this.#timers.after(dragMs, load);
  }

  retry(): void {
    this.#failures.clear();
    this.#tell({ all: true });
    this.#load(0);
  }

  reload(): void {
    this.#restart({ rank: 0 });
  }

  refresh(ids: readonly string[] | null): void {
    if (ids === null) {
      this.#restart({ rank: this.#view.from });
      return;
    }
    const here = ids.filter((id) => this.rankOf(id) !== undefined);
    for (let at = 0; at < here.length; at += idsPerCallMax) {
      void this.#patch(here.slice(at, at + idsPerCallMax));
    }
  }

  arrived(ids: readonly string[]): void {
    for (const id of ids) if (this.rankOf(id) === undefined) this.#arrived.add(id);
    this.fresh = this.#arrived.size;
    this.#tell({ all: true });
  }

  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#stopWaiting?.();
    this.#stopDrag?.();
    this.#closed.abort();
    for (const { abort } of this.#flights) abort.abort();
    this.#listeners.clear();
  }

  /** The old rows stay until the first answer comes. */
  #restart({ rank }: { rank: number }): void {
    for (const flight of this.#flights) flight.abort.abort();
    this.#flights.clear();
    this.#failures.clear();
    this.#reloading = true;
    const start = Math.max(0, rank - Math.floor(this.#limit / 3));
    const query = start === 0 ? { limit: this.#limit } : { limit: this.#limit, rank: start };
    void this.#fetch({ query, rank: start });
  }

  #load(velocityRowsPerS: number): void {
    if (this.#closed.signal.aborted || this.#reloading) return;
    const wanted = this.#nextWanted(velocityRowsPerS);
    if (wanted === undefined || this.#flights.size >= inFlightMax) return;
    const key = keyOf(wanted);
    const known =
      this.#failures.has(key) || [...this.#flights].some((one) => keyOf(one.wanted) === key);
    if (!known) void this.#fetch(wanted);
  }

  #nextWanted(velocityRowsPerS: number): Wanted | undefined {
    if (!this.ready) {
      if (this.#flights.size > 0) return undefined;
      const limit = this.#limit;
      const around = this.#around === undefined ? {} : { around: this.#around };
      return { query: { limit, ...around }, rank: 0 };
    }
    const { from, to } = this.#view;
    const seen = this.#islands.missing(this.#view, this.#limit);
    if (seen !== undefined) return seen;
    // One window ahead in the direction of travel, half a window when at rest.
    const ahead = velocityRowsPerS === 0 ? Math.floor(this.#limit / 2) : this.#limit;
    const [up, down] = [velocityRowsPerS <= 0 ? ahead : 0, velocityRowsPerS >= 0 ? ahead : 0];
    return (
      this.#islands.missing({ from, to: to + down }, this.#limit) ??
      this.#islands.missing({ from: from - up, to }, this.#limit)
    );
  }

  async #fetch(wanted: Wanted): Promise<void> {
    const flight: Flight = { wanted, abort: new AbortController(), slow: false };
    this.#flights.add(flight);
    const stopSlow = this.#timers.after(slowMs, () => {
      flight.slow = true;
      this.#tell({ all: true });
    });
    try {
      const page = await this.#options.page(wanted.query, flight.abort.signal);
      if (!flight.abort.signal.aborted) this.#take(page, wanted);
    } catch (error) {
      if (!flight.abort.signal.aborted) this.#fail(wanted, error);
    } finally {
      stopSlow();
      this.#flights.delete(flight);
    }
    if (this.#stopDrag === undefined) this.#load(0);
  }

  #take(page: Page<row>, wanted: Wanted): void {
    const first = !this.ready;
    if (this.#reloading) {
      this.#islands.clear();
      this.#gone.clear();
      this.#arrived.clear();
      this.fresh = 0;
    }
    const jumps = first || this.#reloading;
    const view = jumps ? { from: 0, to: 0 } : this.#view;
    const shift = this.#islands.insert(page, wanted, view);
    const moved = jumps ? this.#landing(wanted) : undefined;
    this.#reloading = false;
    if (moved === undefined) this.#view = { from: view.from + shift, to: view.to + shift };
    this.#islands.evict(this.#view, this.#options.blocksMax ?? 60);
    this.#tell({ all: true, ...(shift === 0 ? {} : { shift }), ...moved });
  }

  /** Where a first answer leaves the view: at the row that was asked for, or at the top of a reload. */
  #landing({ query }: Wanted): { moveTo: number } | undefined {
    if (query.around !== undefined) return { moveTo: this.rankOf(query.around) ?? 0 };
    return query.rank === undefined && this.#reloading ? { moveTo: 0 } : undefined;
  }

  #fail(wanted: Wanted, error: unknown): void {
    const { code } = Problem.from(error);
    this.#reloading = false;
    if (code === 'http.bad_cursor' && wanted.query.rank === undefined) {
      // The key that sealed it is gone, or the order is another: ranks still hold.
      void this.#fetch({ query: { limit: this.#limit, rank: wanted.rank }, rank: wanted.rank });
      return;
    }
    if (wanted.query.around !== undefined) {
      this.#around = undefined;
      this.#load(0);
      return;
    }
    this.#failures.set(keyOf(wanted), { wanted, error });
    this.#tell({ all: true });
  }

  async #patch(ids: readonly string[]): Promise<void> {
    const answer = await this.#options.rows?.(ids, this.#closed.signal).catch(() => undefined);
    if (answer === undefined) return;
    const newer = answer.items.filter(({ id, version }) => this.#versionOf(id) !== version);
    this.#islands.patch(newer);
    for (const { id } of answer.items) this.#gone.delete(id);
    for (const id of answer.gone) this.#gone.add(id);
    this.#tell({ rows: [...newer.map(({ id }) => id), ...answer.gone] });
  }

  #versionOf(id: string): string | undefined {
    const rank = this.rankOf(id);
    return rank === undefined ? undefined : this.rowAt(rank)?.version;
  }

  #dropFarFlights(): void {
    const { from, to } = this.#view;
    for (const flight of this.#flights) {
      const { rank, query } = flight.wanted;
      const near = rank < to + this.#limit && rank + query.limit > from - this.#limit;
      if (near || !this.ready || this.#reloading) continue;
      flight.abort.abort();
      this.#flights.delete(flight);
    }
  }

  #tell(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function keyOf({ query }: Wanted): string {
  return JSON.stringify(query);
}
