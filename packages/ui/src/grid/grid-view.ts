import type { Row } from './column.ts';
import { type PoolLook, RowPool, type PoolState } from './row-pool.ts';
import type { Change, RowSource, Summary } from './row-source.ts';
import { nearestTick } from './ruler.ts';
import { type Geometry, ScrollMap } from './scroll-map.ts';

export interface ViewState extends PoolState {
  readonly ruler: Summary['ruler'];
}

export interface ViewEvents {
  /** The list's own facts changed: total, ready, fresh, failures. */
  onChange(): void;
  /** A jump is under way, here; undefined: it is over. `key` is the ruler's. */
  onJump(
    jump: { readonly rank: number; readonly key: string; readonly part: number } | undefined,
  ): void;
}

const overscanRows = 8;
/** A hand's wheel or finger is the cause of a scroll event for this long. */
const byHandMs = 100;
const quietMs = 150;

/** The rows' window: maps scrolling to ranks, keeps a pool of rows, asks the source for what it shows. */
export class GridView<row extends Row> {
  readonly #box: HTMLElement;
  readonly #body: HTMLElement;
  readonly #pool: RowPool<row>;
  readonly #source: RowSource<row>;
  readonly #look: PoolLook<row>;
  readonly #events: ViewEvents;
  readonly #map: ScrollMap;
  readonly #end = new AbortController();
  #state: ViewState;
  #frame = 0;
  #base = 0;
  #handAt = -Infinity;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #drawn = { virtualTop: 0, at: 0 };
  #velocity = 0;
  #viewHeight = 0;
  /** px, the line below it included. */
  #rowHeight = 36;
  /** The row that has the grid's tab stop, and its column. */
  #active = { rank: 0, column: 0 };
  #resize = new ResizeObserver(() => this.#fit());

  constructor(
    box: HTMLElement,
    body: HTMLElement,
    setup: {
      readonly source: RowSource<row>;
      readonly look: PoolLook<row>;
      readonly state: ViewState;
      readonly events: ViewEvents;
    },
  ) {
    this.#box = box;
    this.#body = body;
    this.#pool = new RowPool(body, setup.look);
    this.#source = setup.source;
    this.#look = setup.look;
    this.#state = setup.state;
    this.#events = setup.events;
    this.#map = new ScrollMap(this.#geometry());
    const { signal } = this.#end;
    const hand = () => (this.#handAt = performance.now());
    box.addEventListener('scroll', () => this.#onScroll(), { passive: true, signal });
    box.addEventListener('scrollend', () => this.#onQuiet(), { passive: true, signal });
    box.addEventListener('wheel', hand, { passive: true, signal });
    box.addEventListener('touchmove', hand, { passive: true, signal });
    addEventListener('resize', () => this.#fit(), { signal });
    const unsubscribe = setup.source.subscribe((change) => this.#onChange(change));
    signal.addEventListener('abort', unsubscribe);
    this.#resize.observe(box);
    this.#fit();
  }

  close(): void {
    this.#end.abort();
    this.#resize.disconnect();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#quiet);
    this.#pool.layer.remove();
  }

  set(state: ViewState): void {
    this.#state = state;
    this.#schedule();
  }

  /** Rows of which the whole height is in view. */
  get pageRows(): number {
    return Math.max(1, Math.floor(this.#geometry().view / this.#rowHeight) - 1);
  }

  /** The first row in view. */
  get topRank(): number {
    return this.#map.virtualTop / this.#rowHeight;
  }

  get active(): { readonly rank: number; readonly column: number } {
    return this.#active;
  }

  /** The row and column that an element of the body belongs to. */
  placeOf(target: EventTarget | null): { rank: number; column: number } | undefined {
    if (!(target instanceof Node)) return undefined;
    for (const node of this.#pool.nodes) {
      if (!node.element.contains(target)) continue;
      const column = [...node.element.children].findIndex((cell) => cell.contains(target));
      return { rank: node.rank, column: Math.max(0, column) };
    }
    return undefined;
  }

  /** Gives the tab stop to a cell, without moving the focus. */
  activate(rank: number, column: number): void {
    this.#active = { rank, column };
    this.#pool.setTabStop(this.#active.rank, this.#active.column);
  }

  /** Brings a cell into view and focuses it. */
  focus(rank: number, column: number): void {
    this.reveal(rank);
    this.activate(rank, column);
    this.#pool.nodeAt(rank)?.cellAt(column)?.focus({ preventScroll: true });
  }

  /** Focuses the header's control of a column. @returns false where there is none. */
  focusHeader(column: number): boolean {
    const control = this.#box.querySelector<HTMLElement>(`.gh [data-column="${column}"]`);
    control?.focus({ preventScroll: true });
    return control !== null;
  }

  reveal(rank: number): void {
    // A key may come before the event of a scroll that the browser has already shown.
    if (this.#map.isBehind(this.#box.scrollTop)) this.#onScroll();
    const rowHeight = this.#rowHeight;
    const top = rank * rowHeight;
    const { view } = this.#geometry();
    const { virtualTop } = this.#map;
    if (top < virtualTop) this.#moveTo(top);
    else if (top + rowHeight > virtualTop + view) this.#moveTo(top + rowHeight - view);
    this.#draw();
  }

  scrollTo(rank: number): void {
    this.#moveTo(rank * this.#rowHeight);
    this.#draw();
  }

  #geometry(): Geometry {
    const rowHeight = this.#rowHeight;
    return {
      rowCount: this.#source.ready ? this.#source.total.n : 0,
      rowHeight,
      view: Math.max(rowHeight, this.#viewHeight),
      devicePixelRatio,
    };
  }

  /** Takes the list's length and the window's height in: the only place that reads the layout. */
  #fit(): void {
    this.#rowHeight = rowHeightOf(this.#box, this.#look.phone);
    const around = this.#box.scrollHeight - this.#body.offsetHeight;
    this.#viewHeight = this.#box.clientHeight - around;
    const top = this.#map.resize(this.#geometry());
    this.#body.style.setProperty('height', `${this.#map.spacerHeight}px`);
    this.#place(top);
    this.#schedule();
  }

  #moveTo(virtualTop: number): void {
    this.#place(this.#map.moveTo(virtualTop));
  }

  #place(scrollTop: number): void {
    if (this.#box.scrollTop !== scrollTop) this.#box.scrollTop = scrollTop;
  }

  #onScroll(): void {
    const { scrollTop } = this.#box;
    const byHand = performance.now() - this.#handAt < byHandMs;
    if (this.#map.isJump(scrollTop, byHand)) this.#announceJump();
    const corrected = this.#map.onScroll(scrollTop, byHand);
    if (corrected !== undefined) this.#place(corrected);
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#onQuiet(), quietMs);
    this.#schedule();
  }

  #announceJump(): void {
    const rank = Math.round(this.#map.virtualTop / this.#rowHeight);
    const part = this.#map.virtualTop / Math.max(1, this.#map.virtualTopMax);
    this.#events.onJump({ rank, key: nearestTick(this.#state.ruler, rank), part });
  }

  #onQuiet(): void {
    clearTimeout(this.#quiet);
    this.#velocity = 0;
    this.#events.onJump(undefined);
    this.#place(this.#map.resync());
    this.#draw();
    this.#pool.sort();
  }

  #onChange({ all, rows, shift, moveTo }: Change): void {
    const rowHeight = this.#rowHeight;
    if (shift !== undefined) {
      this.#active = { ...this.#active, rank: this.#active.rank + shift };
      this.#map.resize(this.#geometry());
      this.#moveTo(this.#map.virtualTop + shift * rowHeight);
    }
    if (all === true) this.#fit();
    if (moveTo !== undefined) {
      const middle = moveTo === 0 ? 0 : Math.floor(this.pageRows / 3);
      this.#active = { ...this.#active, rank: moveTo };
      this.#moveTo((moveTo - middle) * rowHeight);
    }
    if (rows !== undefined) this.#tint(new Set(rows));
    this.#schedule();
    this.#events.onChange();
  }

  #tint(ids: ReadonlySet<string>): void {
    this.#draw();
    for (const node of this.#pool.nodes) {
      if (node.row !== undefined && ids.has(node.row.id)) node.tint();
    }
  }

  #schedule(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    if (this.#end.signal.aborted) return;
    const rowHeight = this.#rowHeight;
    const { rowCount, view } = this.#geometry();
    const virtualTop = Math.round(this.#map.virtualTop);
    const from = Math.floor(virtualTop / rowHeight);
    const to = Math.min(rowCount, Math.ceil((virtualTop + view) / rowHeight));
    const [first, last] = [Math.max(0, from - overscanRows), Math.min(rowCount, to + overscanRows)];
    if (Math.abs(first - this.#base) > 5_000) this.#base = first;
    const failed = this.#firstFailed(from, to);
    const [source, state, base] = [this.#source, this.#state, this.#base];
    this.#pool.draw({ source, state, base, first, last, failed, rowHeight });
    const top = this.#box.scrollTop - (virtualTop - this.#base * rowHeight);
    this.#pool.layer.style.setProperty('transform', `translateY(${top}px)`);
    this.#pool.setTabStop(this.#active.rank, this.#active.column);
    this.#measureVelocity();
    this.#source.want(from, Math.max(to, from + this.pageRows), this.#velocity);
  }

  #measureVelocity(): void {
    const at = performance.now();
    const { virtualTop } = this.#map;
    const seconds = Math.max(0.001, (at - this.#drawn.at) / 1_000);
    const rows = (virtualTop - this.#drawn.virtualTop) / this.#rowHeight;
    this.#velocity = rows === 0 ? 0 : rows / seconds;
    this.#drawn = { virtualTop, at };
  }

  #firstFailed(from: number, to: number): number {
    for (let rank = from; rank < to; rank += 1) {
      if (this.#source.rowAt(rank) !== undefined) continue;
      return this.#source.waitingAt(rank) === 'failed' ? rank : -1;
    }
    return -1;
  }
}

/** The tokens say it: 36 px, 44 or 28 by density, 56 for the two lines of a phone. */
function rowHeightOf(box: HTMLElement, phone: boolean): number {
  const token = getComputedStyle(box).getPropertyValue(phone ? '--row-phone' : '--row');
  return Number.parseInt(token, 10) || 36;
}
