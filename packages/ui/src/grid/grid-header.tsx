import type { PointerEvent } from 'react';

import { Icon } from '../core/icon.tsx';
import { useGridWords } from './grid-words.ts';
import { isEndAligned } from './cell-node.ts';
import type { Column, Row } from './column.ts';
import { widthOf } from './shown-columns.ts';
import { type GridState, sortBy, withColumn } from './state.ts';

interface HeaderProps<row extends Row> {
  readonly columns: readonly Column<row>[];
  readonly state: GridState;
  onState(state: GridState): void;
  /** Given where rows can be selected. */
  readonly all?: SelectAll | undefined;
}

export interface SelectAll {
  readonly checked: 'all' | 'some' | 'none';
  readonly count: number;
  onToggle(): void;
}

const resizeStepPx = 16;

/** The header row: a click sorts, with Shift it adds a key; the edge of a cell resizes it. */
export function GridHeader<row extends Row>({ columns, state, onState, all }: HeaderProps<row>) {
  const words = useGridWords();
  const offset = all === undefined ? 1 : 2;
  return (
    <div role="rowgroup">
      <div className="gh" role="row" aria-rowindex={1}>
        {all !== undefined && (
          <div className="ck" role="columnheader" aria-colindex={1}>
            <input
              className="box"
              type="checkbox"
              tabIndex={-1}
              data-column={0}
              aria-label={words('grid_select_all', { n: all.count })}
              checked={all.checked === 'all'}
              ref={(box) => {
                if (box !== null) box.indeterminate = all.checked === 'some';
              }}
              onClick={() => all.onToggle()}
            />
          </div>
        )}
        {columns.map((column, at) => (
          <HeaderCell
            key={column.id}
            column={column}
            index={at + offset}
            state={state}
            onState={onState}
          />
        ))}
      </div>
    </div>
  );
}

interface CellProps<row extends Row> {
  readonly column: Column<row>;
  /** `aria-colindex` */
  readonly index: number;
  readonly state: GridState;
  onState(state: GridState): void;
}

function HeaderCell<row extends Row>({ column, index, state, onState }: CellProps<row>) {
  const words = useGridWords();
  const key = state.sort.find(({ field }) => field === column.id);
  const order = state.sort.findIndex(({ field }) => field === column.id) + 1;
  const direction = key?.descending === true ? 'descending' : 'ascending';
  const resize = (width: number) =>
    onState({ ...state, columns: withColumn(state.columns, { id: column.id, width }) });
  return (
    <div
      role="columnheader"
      aria-colindex={index}
      aria-sort={key === undefined ? undefined : direction}
      className={isEndAligned(column.kind) ? 'end' : undefined}
    >
      <button
        type="button"
        tabIndex={-1}
        data-column={index - 1}
        disabled={column.sort === undefined}
        title={column.sort === 'scan' ? words('grid_slower') : undefined}
        onClick={(event) =>
          onState({ ...state, sort: sortBy(state.sort, column.id, event.shiftKey) })
        }
        onKeyDown={(event) => {
          const step = resizeStepOf(event);
          if (step === 0) return;
          event.preventDefault();
          resize(widthOf(column, state.columns) + step);
        }}
      >
        {column.title}
        {key !== undefined && <Icon name={key.descending ? 'arrow-down' : 'arrow-up'} />}
        {key !== undefined && state.sort.length > 1 && <sup>{order}</sup>}
      </button>
      <span className="size" aria-hidden="true" onPointerDown={(event) => drag(event, resize)} />
    </div>
  );
}

function resizeStepOf(event: { key: string; shiftKey: boolean; altKey: boolean }): number {
  if (!event.shiftKey || !event.altKey) return 0;
  if (event.key === 'ArrowLeft') return -resizeStepPx;
  return event.key === 'ArrowRight' ? resizeStepPx : 0;
}

/** Follows the pointer until it is let go. */
function drag(down: PointerEvent<HTMLElement>, resize: (width: number) => void): void {
  const handle: HTMLElement = down.currentTarget;
  const cell = handle.parentElement;
  if (cell === null) return;
  down.preventDefault();
  const rtl = getComputedStyle(cell).direction === 'rtl' ? -1 : 1;
  const [from, width] = [down.clientX, cell.offsetWidth];
  const end = new AbortController();
  const { signal } = end;
  handle.setPointerCapture(down.pointerId);
  handle.addEventListener(
    'pointermove',
    ({ clientX }) => resize(Math.round(width + (clientX - from) * rtl)),
    { signal },
  );
  for (const kind of ['pointerup', 'pointercancel'] as const) {
    handle.addEventListener(kind, () => end.abort(), { signal });
  }
}
