import { type Column, columnWidthMax, columnWidthMin, type Row } from './column.ts';
import type { ColumnState } from './state.ts';

/** Below it columns that say `narrow: 'hide'` leave. */
const narrowPx = 940;
export const phonePx = 640;

/** The columns on screen, in order. On a phone those with a slot. */
export function shownColumns<row extends Row>(
  columns: readonly Column<row>[],
  states: readonly ColumnState[],
  widthPx: number,
): readonly Column<row>[] {
  const isPhone = widthPx < phonePx;
  return columns.filter((column) => {
    if (isPhone) return column.phone !== undefined;
    const state = states.find(({ id }) => id === column.id);
    if (state?.hidden !== undefined) return !state.hidden;
    return column.hidden !== true && (column.narrow !== 'hide' || widthPx >= narrowPx);
  });
}

function widthOf<row extends Row>(column: Column<row>, states: readonly ColumnState[]): number {
  const width = states.find(({ id }) => id === column.id)?.width ?? column.width;
  return Math.min(columnWidthMax, Math.max(columnWidthMin, width));
}

/** The rows' `grid-template-columns`: the box first where rows can be selected. */
export function templateOf<row extends Row>(
  columns: readonly Column<row>[],
  states: readonly ColumnState[],
  selectable: boolean,
): string {
  const tracks = columns.map((column) => {
    const width = widthOf(column, states);
    const resized = states.some(({ id, width: own }) => id === column.id && own !== undefined);
    return column.grow === true && !resized ? `minmax(${width}px, 1fr)` : `${width}px`;
  });
  const filled = tracks.some((track) => track.endsWith('1fr)'));
  const last = filled ? [] : [`minmax(0, 1fr)`];
  return [...(selectable ? ['44px'] : []), ...tracks, ...last].join(' ');
}
