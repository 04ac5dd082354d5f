import type { Row } from './column.ts';
import { make } from './dom.ts';
import { type RowLook, RowNode } from './row-node.ts';
import type { RowSource } from './row-source.ts';
import { isSelected, type Selection } from './selection.ts';

export interface PoolLook<row extends Row> extends RowLook<row> {
  readonly retryLabel: string;
}

/** What is the moment's: it changes without new rows being made. */
export interface PoolState {
  readonly selection: Selection;
  readonly current: string | undefined;
}

interface Drawing<row extends Row> {
  readonly source: RowSource<row>;
  readonly state: PoolState;
  /** px, the line below it included. */
  readonly rowHeight: number;
  /** The rank at the layer's origin. */
  readonly base: number;
  readonly first: number;
  readonly last: number;
  /** The row that says that its window failed; −1: none. */
  readonly failed: number;
}

/** Far above everything: there nothing can be scrolled to. */
const offPx = -1_000_000;

/** The drawn rows: nodes that go out of view are used again. */
export class RowPool<row extends Row> {
  readonly layer: HTMLElement;
  readonly #look: PoolLook<row>;
  readonly #shown = new Map<number, RowNode<row>>();
  readonly #free: RowNode<row>[] = [];
  #stop: HTMLElement | undefined;

  constructor(body: HTMLElement, look: PoolLook<row>) {
    this.layer = make('div', 'gl', body);
    this.layer.setAttribute('role', 'presentation');
    this.#look = look;
  }

  get nodes(): Iterable<RowNode<row>> {
    return this.#shown.values();
  }

  nodeAt(rank: number): RowNode<row> | undefined {
    return this.#shown.get(rank);
  }

  draw(drawing: Drawing<row>): void {
    this.#release(drawing.first, drawing.last);
    for (let rank = drawing.first; rank < drawing.last; rank += 1) this.#show(rank, drawing);
  }

  /** The grid is one stop of the Tab key: the active cell, or the first that is drawn. */
  setTabStop(rank: number, column: number): void {
    const node = this.#shown.get(rank) ?? [...this.#shown.values()][0];
    const cell = node?.cellAt(column);
    if (cell === this.#stop) return;
    if (this.#stop !== undefined) this.#stop.tabIndex = -1;
    if (cell !== undefined) cell.tabIndex = 0;
    this.#stop = cell;
  }

  /** Puts the rows' elements in the order in which they are read. The focused one stays where it is. */
  sort(): void {
    const nodes = [...this.#shown.values()].toSorted((a, b) => a.rank - b.rank);
    const focused = nodes.findIndex(({ element }) => element.contains(document.activeElement));
    const pivot = nodes[focused]?.element ?? null;
    for (const [at, { element }] of nodes.entries()) {
      if (element !== pivot) this.layer.insertBefore(element, at < focused ? pivot : null);
    }
  }

  /** Rows outside the window are free for others; the one with the focus stays, so that focus is never lost. */
  #release(first: number, last: number): void {
    for (const [rank, node] of this.#shown) {
      if (rank >= first && rank < last) continue;
      if (node.element.contains(document.activeElement)) {
        moveTo(node.element, offPx);
        continue;
      }
      this.#shown.delete(rank);
      this.#free.push(node);
      node.element.hidden = true;
    }
  }

  #show(rank: number, { source, state, base, failed, rowHeight }: Drawing<row>): void {
    const row = source.rowAt(rank);
    const node = this.#shown.get(rank) ?? this.#take(rank);
    const id = row?.id;
    node.show(row, {
      rank,
      selected: id !== undefined && isSelected(state.selection, id),
      current: id !== undefined && id === state.current,
      gone: id !== undefined && source.isGone(id),
      failure: rank === failed ? this.#look.retryLabel : undefined,
    });
    moveTo(node.element, (rank - base) * rowHeight);
  }

  #take(rank: number): RowNode<row> {
    const free = this.#free.pop();
    const node = free ?? new RowNode(this.#look);
    if (free === undefined) this.layer.appendChild(node.element);
    node.element.hidden = false;
    this.#shown.set(rank, node);
    return node;
  }
}

function moveTo(element: HTMLElement, top: number): void {
  const transform = `translateY(${top}px)`;
  if (element.style.transform !== transform) element.style.transform = transform;
}
