import { useState } from 'react';

import type { ComponentChildren } from '../core/children.ts';
import { Icon } from '../core/icon.tsx';
import { useLocale } from '../core/locale.tsx';
import { Menu } from '../core/menu.tsx';
import { Popover } from '../core/popover.tsx';
import { useGridWords } from './grid-words.ts';
import { ClauseEditor } from './lazy-parts.tsx';
import { clauseText } from './clause-text.ts';
import type { Column, FilterKind, Row } from './column.ts';
import { type Clause, operatorsOf } from './filter.ts';
import { type GridState, withColumn } from './state.ts';

interface FilterBarProps<row extends Row> {
  readonly columns: readonly Column<row>[];
  readonly state: GridState;
  onState(state: GridState): void;
  /** «8,406 match», after the chips. */
  readonly matching?: string | undefined;
  /** Further tools at the end. */
  readonly children?: ComponentChildren;
}

interface Filterable {
  readonly id: string;
  readonly title: string;
  readonly kind: FilterKind;
}

/** The filter as chips: each says field, condition and value, and is edited in place. */
export function FilterBar<row extends Row>(props: FilterBarProps<row>) {
  const { columns, state, onState, matching, children } = props;
  const words = useGridWords();
  const [added, setAdded] = useState<Filterable | undefined>(undefined);
  const fields = columns.flatMap(({ id, title, filter }): Filterable[] =>
    filter === undefined ? [] : [{ id, title, kind: filter }],
  );
  const setFilter = (filter: readonly Clause[]) => onState({ ...state, filter });
  return (
    <div className="filters" role="group" aria-label={words('filter_add')}>
      {state.filter.map((clause, at) => (
        <FilterChip
          key={`${clause.field} ${at}`}
          field={fields.find(({ id }) => id === clause.field)}
          clause={clause}
          onChange={(next) => setFilter(state.filter.map((one) => (one === clause ? next : one)))}
          onRemove={() => setFilter(state.filter.filter((one) => one !== clause))}
        />
      ))}
      {added !== undefined && (
        <FilterChip
          key={`new ${added.id}`}
          field={added}
          clause={{ field: added.id, op: operatorsOf(added.kind)[0] ?? 'eq', values: [] }}
          startsOpen
          onClosed={() => setAdded(undefined)}
          onChange={(clause) => {
            setAdded(undefined);
            setFilter([...state.filter, clause]);
          }}
          onRemove={() => setAdded(undefined)}
        />
      )}
      {fields.length > 0 && (
        <Menu
          label={words('filter_add')}
          icon="plus"
          iconOnly
          className="btn quiet icon"
          items={fields.map((field) => ({
            label: field.title,
            onSelect: () => setAdded(field),
          }))}
        />
      )}
      {matching !== undefined && <span className="muted num wide-only">{matching}</span>}
      <span className="grow" />
      {children}
      <ColumnsMenu columns={columns} state={state} onState={onState} />
    </div>
  );
}

interface ChipProps {
  /** Undefined: a field that this list does not show; it can be removed. */
  readonly field: Filterable | undefined;
  readonly clause: Clause;
  readonly startsOpen?: boolean | undefined;
  readonly onClosed?: (() => void) | undefined;
  onChange(clause: Clause): void;
  onRemove(): void;
}

function FilterChip({ field, clause, startsOpen, onClosed, onChange, onRemove }: ChipProps) {
  const locale = useLocale();
  const words = useGridWords();
  const title = field?.title ?? clause.field;
  const value =
    field === undefined
      ? clause.values.join()
      : clauseText(field.kind, clause, { ...locale, words });
  const face = (
    <>
      <span>{title}</span>
      <span className="op">{words(`op_${clause.op}`)}</span>
      {clause.values.length > 0 && (
        <span className="clip num">
          <b>{value}</b>
        </span>
      )}
    </>
  );
  return (
    <span className="fchip">
      <Popover
        label={`${title} ${words(`op_${clause.op}`)} ${value}`}
        face={face}
        className="parts"
        popClassName="pad"
        haspopup="dialog"
        startsOpen={startsOpen}
        onClosed={onClosed}
      >
        {(close) =>
          field !== undefined && (
            <ClauseEditor
              kind={field.kind}
              clause={clause}
              onApply={(next) => {
                close();
                onChange(next);
              }}
            />
          )
        }
      </Popover>
      <button type="button" aria-label={words('filter_remove', { name: title })} onClick={onRemove}>
        <Icon name="close" />
      </button>
    </span>
  );
}

type ColumnsMenuProps<row extends Row> = Pick<FilterBarProps<row>, 'columns' | 'state' | 'onState'>;

/** Which columns stand in the list. */
export function ColumnsMenu<row extends Row>({ columns, state, onState }: ColumnsMenuProps<row>) {
  const words = useGridWords();
  const isHidden = ({ id, hidden }: Column<row>) =>
    state.columns.find((one) => one.id === id)?.hidden ?? hidden === true;
  return (
    <Menu
      label={words('grid_columns')}
      icon="columns"
      iconOnly
      className="btn quiet icon wide-only"
      items={[
        ...columns.map((column) => ({
          label: column.title,
          checked: !isHidden(column),
          onSelect: () =>
            onState({
              ...state,
              columns: withColumn(state.columns, { id: column.id, hidden: !isHidden(column) }),
            }),
        })),
        null,
        { label: words('grid_reset'), onSelect: () => onState({ ...state, columns: [] }) },
      ]}
    />
  );
}
