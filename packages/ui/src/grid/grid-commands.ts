import type { RefObject } from 'react';

import type { Row } from './column.ts';
import type { GridView } from './grid-view.ts';
import type { GridCommand } from './keys.ts';
import type { RowSource } from './row-source.ts';
import { addIds, type Selection, toggle } from './selection.ts';

/** What commands act on. */
export interface GridSetup<row extends Row> {
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
  /** Gives a column, by its cell's index, another width in px. */
  onResize(column: number, widthPx: number): void;
  /** The row from which Shift selects. */
  readonly from: { current: number };
}

/** @returns whether the command was one for this place. */
export function runCommand<row extends Row>(
  setup: GridSetup<row>,
  command: GridCommand,
  target: EventTarget,
): boolean {
  const view = setup.view.current;
  if (view === undefined) return false;
  const column = columnOfHeader(target);
  if (column !== undefined) return runInHeader(setup, command, column);
  const place = view.placeOf(target) ?? view.active;
  const { type } = command;
  if (type === 'move') return move(setup, place, command);
  if (type === 'page') {
    return go(setup, place.rank + command.direction * view.pageRows, place.column);
  }
  if (type === 'edge') return toEdge(setup, place, command.edge);
  if (type === 'toggle' || type === 'select-all') {
    if (setup.onSelection === undefined) return false;
    if (type === 'toggle') select(setup, place.rank, command.range);
    else setup.onSelectAll();
    return true;
  }
  return act(setup, place.rank, type);
}

function act<row extends Row>(
  { source, open, current, onCurrent }: GridSetup<row>,
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
  setup: GridSetup<row>,
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
  setup: GridSetup<row>,
  { rank, column }: Place,
  edge: 'row-start' | 'row-end' | 'list-start' | 'list-end',
): boolean {
  const last = setup.cellCount - 1;
  if (edge === 'row-start') return go(setup, rank, 0);
  if (edge === 'row-end') return go(setup, rank, last);
  return go(setup, edge === 'list-start' ? 0 : setup.source.total.n - 1, column);
}

function go<row extends Row>(
  { view, source, cellCount }: GridSetup<row>,
  rank: number,
  column: number,
): boolean {
  const { n } = source.total;
  if (n === 0) return false;
  view.current?.focus(clamp(rank, n - 1), clamp(column, cellCount - 1));
  return true;
}

function clamp(value: number, max: number): number {
  return Math.min(Math.max(0, value), max);
}

export function select<row extends Row>(setup: GridSetup<row>, rank: number, range: boolean): void {
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

function focusHeader<row extends Row>({ view }: GridSetup<row>, column: number): boolean {
  return view.current?.focusHeader(column) ?? false;
}

function runInHeader<row extends Row>(
  setup: GridSetup<row>,
  command: GridCommand,
  column: number,
): boolean {
  if (command.type !== 'move') return false;
  if (command.rows > 0) return go(setup, Math.ceil(setup.view.current?.topRank ?? 0), column);
  if (command.columns === 0) return false;
  return focusHeader(setup, column + command.columns);
}
