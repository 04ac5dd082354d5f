import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react';

import { ButtonLink, Head, IconButton, Tabs, useLocale, useWords } from '@plinth/ui/core';
import { count } from '@plinth/ui/format';
import {
  type BulkAction,
  type Clause,
  type Column,
  FilterBar,
  Grid,
  type GridState,
  nothingSelected,
  PageTable,
  readState,
  type Row,
  sameFilter,
  selectedCount,
  type Selection,
  SelectionBar,
  writeState,
} from '@plinth/ui/grid';
import { usePlace, useRouter, useTitle } from '@plinth/ui/router';

import english from '../../messages/en/list.json';
import { type ListApi, listInputOf, type ListTopics, useList } from './list-api.ts';
import type { PreviewProps } from './preview-panel.tsx';

const PreviewPanel = lazy(async () => {
  const module = await import('./preview-panel.tsx');
  return { default: module.PreviewPanel<Row> };
});

export interface ListView {
  readonly id: string;
  readonly label: string;
  readonly filter: readonly Clause[];
}

export interface ListPageProps<row extends Row> {
  readonly title: string;
  /** Of the list, for its cache: `invoices`. */
  readonly name: string;
  readonly api: ListApi<row>;
  readonly topics: ListTopics;
  readonly columns: readonly Column<row>[];
  readonly defaults: GridState;
  readonly views?: readonly ListView[];
  /** What a row is called. */
  rowName(row: row): string;
  /** The address of a row's page. */
  href?(id: string): string;
  preview?(row: row): { readonly body: ReactNode; readonly footer?: ReactNode };
  /** Given: rows can be selected. */
  bulk?(selection: Selection, clear: () => void, n: number): readonly BulkAction[];
  /** The file of all that match: `client.invoicing.exportInvoices`. */
  exportHref?(input: { f?: string[]; sort?: string }): string;
  readonly importHref?: string;
  /** Beside them, the primary one last. */
  readonly actions?: ReactNode;
  /** First use: nothing is there and nothing is filtered. */
  readonly empty?: ReactNode;
}

/** A page that is a list: views, filter chips, the grid with totals, preview, bulk actions. The URL is its state. */
export function ListPage<row extends Row>(props: ListPageProps<row>) {
  const { title, columns, views = [], rowName, href } = props;
  useTitle(title);
  const router = useRouter();
  const list = useListState(props);
  const { state, setState, selection, setSelection, source, totals, current, setCurrent } = list;
  const [plain, setPlain] = useState(false);
  const clear = () => setSelection(nothingSelected);
  const { n } = source.total;
  return (
    <div className="listpage">
      <div className="listmain">
        <ListHead props={props} state={state} n={source.ready ? n : undefined} />
        {views.length > 0 ? <Views views={views} list={list} /> : <div />}
        <ListTools props={props} list={list} plain={plain} onPlain={setPlain} />
        {plain ? (
          <PageTable page={list.page} columns={columns} label={title} />
        ) : (
          <Grid
            source={source}
            columns={columns}
            state={state}
            onState={setState}
            label={title}
            rowName={rowName}
            selection={selection}
            onSelection={props.bulk === undefined ? undefined : setSelection}
            asOf={() => totals?.asOf ?? ''}
            totals={columns.some(({ sum }) => sum) ? totals : undefined}
            open={href === undefined ? undefined : (id) => router.navigate(href(id))}
            current={current}
            onCurrent={props.preview !== undefined && isWide() ? setCurrent : undefined}
            empty={props.empty}
          />
        )}
        {props.bulk !== undefined && (
          <SelectionBar
            count={selectedCount(selection, n)}
            actions={props.bulk(selection, clear, selectedCount(selection, n))}
            onClear={clear}
          />
        )}
      </div>
      <Preview props={props} list={list} />
    </div>
  );
}

function Preview<row extends Row>({
  props: { preview, rowName, href },
  list: { source, current, setCurrent },
}: Pick<ToolsProps<row>, 'props' | 'list'>) {
  if (preview === undefined || current === undefined) return null;
  const panel: PreviewProps<row> = {
    source,
    id: current,
    onId: setCurrent,
    rowName,
    href,
    preview,
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all of it is of the same rows; `lazy` has no type parameter to say so
  const plain = panel as unknown as PreviewProps<Row>;
  return (
    <Suspense fallback={<aside className="preview" />}>
      <PreviewPanel {...plain} />
    </Suspense>
  );
}

type ListState<row extends Row> = ReturnType<typeof useListState<row>>;

function useListState<row extends Row>({ api, name, topics, defaults }: ListPageProps<row>) {
  const router = useRouter();
  const { search, url } = usePlace();
  const state = readState(search, defaults);
  const [selection, setSelection] = useState<Selection>(nothingSelected);
  const current = search.get('row') ?? undefined;
  const around = search.get('at') ?? current;
  const quiet = selectedCount(selection, 1) === 0 && current === undefined;
  const { source, totals } = useList({ name, api, state, topics, around, quiet });
  const input = listInputOf(state);
  const page = useMemo(
    () => (query: { limit: number; rank?: number }, signal: AbortSignal) =>
      api.page({ ...input, ...query }, { signal }),
    [api, JSON.stringify(input)],
  );
  /** The address of a state. */
  const hrefOf = (next: GridState) => {
    const kept = new URLSearchParams(search);
    kept.delete('at');
    kept.delete('row');
    const text = writeState(next, kept, defaults).toString();
    return text === '' ? url.pathname : `${url.pathname}?${text}`;
  };
  const setState = (next: GridState) => {
    if (!sameFilter(next.filter, state.filter)) setSelection(nothingSelected);
    router.navigate(hrefOf(next), { replace: true });
  };
  const setCurrent = (id: string | undefined) => {
    const kept = new URLSearchParams(search);
    kept.delete('at');
    if (id === undefined) kept.delete('row');
    else kept.set('row', id);
    router.navigate(`${url.pathname}?${kept.toString()}`, { replace: true });
  };
  const rows = { source, totals, page };
  return { ...rows, state, setState, hrefOf, selection, setSelection, current, setCurrent };
}

interface HeadProps<row extends Row> {
  readonly props: ListPageProps<row>;
  readonly state: GridState;
  readonly n: number | undefined;
}

function ListHead<row extends Row>({ props, state, n }: HeadProps<row>) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { exportHref, importHref, actions } = props;
  return (
    <Head
      title={props.title}
      count={n === undefined ? undefined : count(n, formats)}
      actions={
        <>
          {importHref !== undefined && (
            <ButtonLink
              look="quiet"
              icon="import"
              label={t('import')}
              href={importHref}
              className="wide-only"
            />
          )}
          {exportHref !== undefined && (
            <ButtonLink
              look="quiet"
              icon="export"
              label={t('export')}
              href={exportHref(listInputOf(state))}
              download=""
              className="wide-only"
            />
          )}
          {actions}
        </>
      }
    />
  );
}

interface ViewsProps<row extends Row> {
  readonly views: readonly ListView[];
  readonly list: ListState<row>;
}

function Views<row extends Row>({ views, list: { state, hrefOf } }: ViewsProps<row>) {
  const t = useWords(english);
  const tabs = views.map(({ label, filter }) => ({ label, href: hrefOf({ ...state, filter }) }));
  const at = views.findIndex(({ filter }) => sameFilter(filter, state.filter));
  return <Tabs label={t('views')} tabs={tabs} current={tabs[at]?.href ?? ''} />;
}

interface ToolsProps<row extends Row> {
  readonly props: ListPageProps<row>;
  readonly list: ListState<row>;
  readonly plain: boolean;
  onPlain(plain: boolean): void;
}

function ListTools<row extends Row>({ props, list, plain, onPlain }: ToolsProps<row>) {
  const t = useWords(english);
  const { state, setState, source } = list;
  const { n } = source.total;
  return (
    <FilterBar
      columns={props.columns}
      state={state}
      onState={setState}
      matching={state.filter.length > 0 && source.ready ? t('matching', { n }) : undefined}
    >
      <IconButton
        icon={plain ? 'list' : 'table'}
        label={t(plain ? 'as_list' : 'as_table')}
        className="wide-only"
        onClick={() => onPlain(!plain)}
      />
    </FilterBar>
  );
}

/** The preview has its place from this width on; below it a click opens the page. */
function isWide(): boolean {
  return matchMedia('(min-width: 1181px)').matches;
}
