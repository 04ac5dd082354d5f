import { Icon } from '../core/icon.tsx';
import { useGridWords } from './grid-words.ts';
import { isEndAligned } from './cell-node.ts';
import type { Column, Row } from './column.ts';
import { type GridState, sortBy } from './state.ts';

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
      >
        {column.title}
        {key !== undefined && <Icon name={key.descending ? 'arrow-down' : 'arrow-up'} />}
        {key !== undefined && state.sort.length > 1 && <sup>{order}</sup>}
      </button>
      <span className="size" aria-hidden="true" />
    </div>
  );
}
