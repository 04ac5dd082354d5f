import { useEffect, useRef, useState } from 'react';

import { Button } from '../core/button.tsx';
import type { ComponentChildren } from '../core/children.ts';
import { useLocale } from '../core/locale.tsx';
import { Empty, ErrorState } from '../core/states.tsx';
import { count } from '../format/index.ts';
import { useGridWords } from './grid-words.ts';
import type { Column, Row } from './column.ts';
import { GridFooter } from './lazy-parts.tsx';
import { GridHeader } from './grid-header.tsx';
import type { RowSource, Summary } from './row-source.ts';
import { nothingSelected, selectAll, selectedCount, type Selection } from './selection.ts';
import { phonePx, shownColumns, templateOf } from './shown-columns.ts';
import { type GridState, withColumn } from './state.ts';
import { useGridActs } from './use-grid-acts.ts';
import { type Jump, useGridView } from './use-grid-view.ts';

export interface GridProps<row extends Row> {
  readonly source: RowSource<row>;
  readonly columns: readonly Column<row>[];
  readonly state: GridState;
  onState(state: GridState): void;
  /** Says what the rows are: «Invoices». */
  readonly label: string;
  /** What a row is called in speech. */
  rowName(row: row): string;
  /** With `onSelection` rows can be selected. */
  readonly selection?: Selection | undefined;
  readonly onSelection?: ((selection: Selection) => void) | undefined;
  /** RFC 3339, for a selection of all that match: rows that come later are not meant. */
  readonly asOf?: (() => string) | undefined;
  readonly totals?: Summary | undefined;
  readonly open?: ((id: string) => void) | undefined;
  /** With `onCurrent` a click shows a row's preview; Enter and a double click open it. */
  readonly current?: string | undefined;
  readonly onCurrent?: ((id: string | undefined) => void) | undefined;
  /** In place of «Nothing matches». */
  readonly empty?: ComponentChildren;
}

/** A list of any length: virtual rows, ARIA grid keys, sorting, selection, totals. */
export function Grid<row extends Row>(props: GridProps<row>) {
  const { source, state, onState, label, totals } = props;
  const parts = useGridParts(props);
  const { wrap, box, grid, body, phone, shown, selectable, chooseAll, cellCount, jump } = parts;
  const { n, exact } = source.total;
  return (
    <div ref={wrap} className={phone ? 'gridwrap phone' : 'gridwrap'}>
      <div ref={box} className="gridbox" tabIndex={-1}>
        <div
          ref={grid}
          className="datagrid"
          role="grid"
          aria-label={label}
          aria-rowcount={exact ? n + 1 : -1}
          aria-colcount={cellCount}
          aria-multiselectable={selectable || undefined}
          aria-busy={!source.ready || undefined}
        >
          <GridHeader
            columns={shown}
            state={state}
            onState={onState}
            all={selectable && !phone ? chooseAll : undefined}
          />
          <div ref={body} className="gb" role="rowgroup" />
          {totals !== undefined && (
            <GridFooter columns={shown} totals={totals} selectable={selectable} phone={phone} />
          )}
        </div>
      </div>
      <Overlays props={props} jump={jump} />
    </div>
  );
}

/** The view, the keys and what they act on. */
function useGridParts<row extends Row>(props: GridProps<row>) {
  const { source, columns, state, totals, current, rowName, selection = nothingSelected } = props;
  const wrap = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const grid = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const from = useRef(0);
  const width = useWidth(wrap);
  const phone = width < phonePx;
  const selectable = props.onSelection !== undefined;
  const shown = shownColumns(columns, state.columns, width);
  const look = { columns: shown, phone, selectable, rowName };
  const now = { selection, current, ruler: totals?.ruler ?? noRuler };
  const { view, jump } = useGridView({ box, body, source, ...look, state: now });
  const chooseAll = useSelectAll(props, selection);
  const boxed = selectable && !phone;
  const cellCount = shown.length + (boxed ? 1 : 0);
  const { onSelection, open, onCurrent } = props;
  const onResize = (column: number, widthPx: number) => {
    const { id } = shown[column - (boxed ? 1 : 0)] ?? {};
    if (id !== undefined) {
      props.onState({ ...state, columns: withColumn(state.columns, { id, width: widthPx }) });
    }
  };
  const acts = { onSelection, onSelectAll: chooseAll.onAll, open, onCurrent, onResize };
  useGridActs(grid, { view, source, cellCount, phone, selection, current, from, ...acts });
  const template = templateOf(shown, state.columns, boxed);
  useEffect(() => wrap.current?.style.setProperty('--cols', template), [template]);
  return { wrap, box, grid, body, phone, shown, selectable, chooseAll, cellCount, jump };
}

const noRuler: Summary['ruler'] = [];

function useSelectAll<row extends Row>(props: GridProps<row>, selection: Selection) {
  const { n } = props.source.total;
  const chosen = selectedCount(selection, n);
  const all = () => props.onSelection?.(selectAll(props.state.filter, props.asOf?.() ?? ''));
  return {
    checked:
      chosen === 0 ? 'none' : selection.kind === 'predicate' && chosen === n ? 'all' : 'some',
    count: n,
    onToggle: () => (chosen > 0 ? props.onSelection?.(nothingSelected) : all()),
    onAll: all,
  } as const;
}

/** The grid's own width decides its form, not the window's. */
function useWidth(wrap: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(() => innerWidth);
  useEffect(() => {
    const element = wrap.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, [wrap]);
  return width;
}

interface OverlaysProps<row extends Row> {
  readonly props: GridProps<row>;
  readonly jump: Jump | undefined;
}

function Overlays<row extends Row>({ props, jump }: OverlaysProps<row>) {
  const { source, state, onState } = props;
  const words = useGridWords();
  const waiting = source.waitingAt(0);
  return (
    <>
      {jump !== undefined && <Bubble jump={jump} />}
      {source.fresh > 0 && (
        <Button className="pill" icon="arrow-up" onClick={() => source.reload()}>
          {words('grid_new', { n: source.fresh })}
        </Button>
      )}
      {!source.ready && waiting === 'failed' && (
        <div className="over">
          <ErrorState error={source.errorAt(0)} onRetry={() => source.retry()} />
        </div>
      )}
      {waiting === 'slow' && <span className="still chip">{words('still_loading')}</span>}
      {source.ready && source.total.n === 0 && (
        <div className="over">
          {state.filter.length === 0 && props.empty !== undefined ? (
            props.empty
          ) : (
            <Empty
              title={words('grid_empty')}
              icon="filter"
              actions={
                state.filter.length > 0 && (
                  <Button onClick={() => onState({ ...state, filter: [] })}>
                    {words('grid_clear_filter')}
                  </Button>
                )
              }
            >
              {words('grid_empty_hint')}
            </Empty>
          )}
        </div>
      )}
      <Said source={source} />
    </>
  );
}

/** Where the thumb is while it is dragged: rank and the ruler's key. */
function Bubble({ jump }: { readonly jump: Jump }) {
  const { formats } = useLocale();
  const text = count(jump.rank + 1, formats);
  return (
    <div
      className="bubble num"
      ref={(bubble) =>
        bubble?.style.setProperty('top', `calc(40px + ${jump.part} * (100% - 130px))`)
      }
    >
      {jump.key === '' ? text : `${text} · ${jump.key}`}
    </div>
  );
}

/** Speaks how many rows there are, at most twice a second. */
function Said<row extends Row>({ source }: { readonly source: RowSource<row> }) {
  const words = useGridWords();
  const [said, say] = useState('');
  const { n, exact } = source.total;
  const text = source.ready ? words(exact ? 'grid_rows' : 'grid_about', { n }) : '';
  useEffect(() => {
    const timer = setTimeout(() => say(text), 500);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <span className="sr" role="status">
      {said}
    </span>
  );
}
