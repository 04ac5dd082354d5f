import type { KeyboardEvent, MouseEvent, RefObject } from 'react';

import type { Row } from './column.ts';
import type { GridView } from './grid-view.ts';
import { commandOf, type GridCommand } from './keys.ts';
import type { RowSource } from './row-source.ts';
import { addIds, type Selection, toggle } from './selection.ts';

interface Setup<row extends Row> {
  readonly view: RefObject<GridView<row> | undefined>;
  readonly source: RowSource<row>;
  /** Cells a row has, the box included. */
  readonly cellCount: number;
  readonly phone: boolean;
  readonly selection: Selection;
  readonly onSelection: ((selection: Selection) => void) | undefined;
  onSelectAll(): void;
  readonly open: ((id: string) => void) | undefined;
  readonly current: string | undefined;
  readonly onCurrent: ((id: string | undefined) => void) | undefined;
  /** The row from which Shift selects. */
  readonly from: { current: number };
}

/** What keys and clicks do in a grid. */
export function useGridKeys<row extends Row>(setup: Setup<row>): {
  onKeyDown(event: KeyboardEvent<HTMLElement>): void;
  onClick(event: MouseEvent<HTMLElement>): void;
  onDoubleClick(event: MouseEvent<HTMLElement>): void;
  onLongPress(target: EventTarget | null): void;
} {
  const { view, source, open, phone, onCurrent } = setup;
  const rowAt = (target: EventTarget | null) => {
    const place = view.current?.placeOf(target);
    return place && { ...place, row: source.rowAt(place.rank) };
  };
  return {
    onKeyDown(event) {
      const rtl = getComputedStyle(event.currentTarget).direction === 'rtl';
      const command = commandOf(event, rtl);
      if (command === undefined || isTyped(event)) return;
      if (run(setup, command, event.target)) event.preventDefault();
    },
    onClick(event) {
      if (event.target instanceof Element && event.target.closest('[data-retry]') !== null) {
        source.retry();
        return;
      }
      const found = rowAt(event.target);
      if (found?.row === undefined || isLink(event.target)) return;
      view.current?.activate(found.rank, found.column);
      const inBox = event.target instanceof Element && event.target.closest('.ck') !== null;
      if (inBox || (phone && setup.selection.kind === 'ids' && setup.selection.ids.size > 0)) {
        select(setup, found.rank, event.shiftKey);
      } else if (phone || onCurrent === undefined) open?.(found.row.id);
      else onCurrent(found.row.id);
    },
    onDoubleClick(event) {
      const found = rowAt(event.target);
      const inBox = event.target instanceof Element && event.target.closest('.ck') !== null;
      if (found?.row !== undefined && !inBox) open?.(found.row.id);
    },
    onLongPress(target) {
      const found = rowAt(target);
      if (found !== undefined) select(setup, found.rank, false);
    },
  };
}

function isLink(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('a[href]') !== null;
}

/** Keys belong to a field inside the grid, or to a button of the header. */
function isTyped({ target, key }: KeyboardEvent<HTMLElement>): boolean {
  if (target instanceof HTMLInputElement) return key === ' ' && target.type === 'checkbox';
  return target instanceof HTMLButtonElement && (key === ' ' || key === 'Enter');
}

/** @returns whether the command was one for this place. */
function run<row extends Row>(
  setup: Setup<row>,
  command: GridCommand,
  target: EventTarget,
): boolean {
  const view = setup.view.current;
  if (view === undefined) return false;
  const column = columnOfHeader(target);
  if (column !== undefined) return runInHeader(setup, command, column);
  const place = view.placeOf(target) ?? view.active;
  switch (command.type) {
    case 'move':
      return move(setup, place, command);
    case 'page':
      return go(setup, place.rank + command.direction * view.pageRows, place.column);
    case 'edge':
      return toEdge(setup, place, command.edge);
    case 'toggle':
      if (setup.onSelection === undefined) return false;
      select(setup, place.rank, command.range);
      return true;
    case 'select-all':
      if (setup.onSelection === undefined) return false;
      setup.onSelectAll();
      return true;
    case 'open':
    case 'preview':
    case 'leave':
      return act(setup, place.rank, command.type);
  }
}

function act<row extends Row>(
  { source, open, current, onCurrent }: Setup<row>,
  rank: number,
  type: 'open' | 'preview' | 'leave',
): boolean {
  const id = source.rowAt(rank)?.id;
  if (type === 'open') {
    if (id !== undefined) open?.(id);
    return open !== undefined;
  }
  if (onCurrent === undefined || (type === 'leave' && current === undefined)) return false;
  onCurrent(type === 'leave' || id === current ? undefined : id);
  return true;
}

interface Place {
  readonly rank: number;
  readonly column: number;
}

function move<row extends Row>(
  setup: Setup<row>,
  { rank, column }: Place,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): boolean {
  if (rank + rows < 0) return focusHeader(setup, column);
  const moved = go(setup, rank + rows, column + columns);
  const { current, onCurrent, source } = setup;
  // An open preview walks along with the arrows.
  if (rows !== 0 && current !== undefined) {
    const id = source.rowAt(rank + rows)?.id;
    if (id !== undefined) onCurrent?.(id);
  }
  return moved;
}

function toEdge<row extends Row>(
  setup: Setup<row>,
  { rank, column }: Place,
  edge: 'row-start' | 'row-end' | 'list-start' | 'list-end',
): boolean {
  const last = setup.cellCount - 1;
  if (edge === 'row-start') return go(setup, rank, 0);
  if (edge === 'row-end') return go(setup, rank, last);
  return go(setup, edge === 'list-start' ? 0 : setup.source.total.n - 1, column);
}

function go<row extends Row>({ view, source, cellCount }: Setup<row>, rank: number, column: number): boolean {
  const { n } = source.total;
  if (n === 0) return false;
  const clamp = (value: number, max: number) => Math.min(Math.max(0, value), max);
  view.current?.focus(clamp(rank, n - 1), clamp(column, cellCount - 1));
  return true;
}

function select<row extends Row>(setup: Setup<row>, rank: number, range: boolean): void {
  const { source, selection, onSelection, from } = setup;
  const id = source.rowAt(rank)?.id;
  if (id === undefined || onSelection === undefined) return;
  if (!range) {
    from.current = rank;
    onSelection(toggle(selection, id));
    return;
  }
  const [low, high] = [Math.min(from.current, rank), Math.max(from.current, rank)];
  const ids: string[] = [];
  for (let at = low; at <= high; at += 1) {
    const row = source.rowAt(at);
    if (row !== undefined) ids.push(row.id);
  }
  onSelection(addIds(selection, ids));
}

function columnOfHeader(target: EventTarget): number | undefined {
  if (!(target instanceof HTMLElement)) return undefined;
  const column = target.dataset['column'];
  return column === undefined ? undefined : Number(column);
}

function focusHeader<row extends Row>({ view }: Setup<row>, column: number): boolean {
  return view.current?.focusHeader(column) ?? false;
}

function runInHeader<row extends Row>(
  setup: Setup<row>,
  command: GridCommand,
  column: number,
): boolean {
  if (command.type !== 'move') return false;
  if (command.rows > 0) return go(setup, Math.ceil(setup.view.current?.topRank ?? 0), column);
  if (command.columns === 0) return false;
  return focusHeader(setup, column + command.columns);
}
