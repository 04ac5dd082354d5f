import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';

import {
  formatClause,
  formatSort,
  type GridState,
  listSource,
  type Page,
  type Row,
  type RowSource,
  type Summary,
} from '@plinth/ui/grid';

import { type LiveChange, useLive } from '../data/live.ts';

interface Call {
  readonly signal?: AbortSignal;
}

interface FilterInput {
  f?: string[];
  sort?: string;
}

interface WindowInput extends FilterInput {
  limit?: number;
  after?: string;
  before?: string;
  rank?: number;
  around?: string;
}

/** The three operations of a list, as the client has them. */
export interface ListApi<row extends Row> {
  page(input: WindowInput, call: Call): Promise<Page<row>>;
  rows(
    input: { ids: string[]; f?: string[] },
    call: Call,
  ): Promise<{ readonly items: readonly row[]; readonly gone: readonly string[] }>;
  summary(input: FilterInput, call: Call): Promise<Summary & { readonly asOf: string }>;
}

/** Beginnings of live topics: `invoicing.`, `invoicing.draft-created`. */
export interface ListTopics {
  /** Rows that they name are read again. */
  readonly changed: readonly string[];
  /** Rows that they name are new. */
  readonly created: readonly string[];
  /** A moment after them there are new rows, which they do not name. */
  readonly followed?: readonly string[];
}

interface ListSetup<row extends Row> {
  readonly name: string;
  readonly api: ListApi<row>;
  readonly state: GridState;
  readonly topics: ListTopics;
  /** Opens at this row. */
  readonly around: string | undefined;
  /** Nothing is selected or previewed: what is new may come in at the top. */
  readonly quiet: boolean;
}

const summaryEveryMs = 5_000;
const followsAfterMs = 1_000;

/** Filter and order as the operations take them. */
export function listInputOf({ filter, sort }: GridState): FilterInput {
  const order = formatSort(sort);
  return {
    ...(filter.length === 0 ? {} : { f: filter.map(formatClause) }),
    ...(order === '' ? {} : { sort: order }),
  };
}

/** A list's rows and totals, kept up to date by live messages. */
export function useList<row extends Row>(
  setup: ListSetup<row>,
): {
  readonly source: RowSource<row>;
  readonly totals: (Summary & { readonly asOf: string }) | undefined;
} {
  const { api, name, state, around } = setup;
  const input = listInputOf(state);
  const text = JSON.stringify(input);
  const source = useMemo(
    () =>
      listSource<row>({
        page: (query, signal) => api.page({ ...input, ...query }, { signal }),
        rows: (ids, signal) => {
          const f = input.f === undefined ? {} : { f: input.f };
          return api.rows({ ids: [...ids], ...f }, { signal });
        },
        around,
      }),
    [api, text],
  );
  useEffect(() => () => source.close(), [source]);
  const { f } = input;
  const summary = useQuery({
    queryKey: ['lists', name, input],
    queryFn: ({ signal }) => api.summary(f === undefined ? input : { ...input, f }, { signal }),
  });
  useLiveList(setup, source, () => void summary.refetch());
  // The page's own words follow the list's facts; its rows the grid draws itself.
  const { subscribe } = useMemo(() => ({ subscribe: source.subscribe.bind(source) }), [source]);
  useSyncExternalStore(subscribe, () => `${source.ready} ${source.total.n}`);
  return { source, totals: summary.data };
}

function useLiveList<row extends Row>(
  { topics, state, quiet }: ListSetup<row>,
  source: RowSource<row>,
  readSummary: () => void,
): void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const follower = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(
    () => () => {
      clearTimeout(follower.current);
      follower.current = undefined;
    },
    [source],
  );
  const isTop = () => quiet && state.sort[0]?.descending === true && source.atTop;
  useLive((change) => {
    const is = (beginnings: readonly string[]) =>
      beginnings.some((beginning) => change.topic.startsWith(beginning));
    if (topics.followed !== undefined && is(topics.followed)) {
      follower.current ??= setTimeout(() => {
        follower.current = undefined;
        readSummary();
        if (isTop()) source.reload();
      }, followsAfterMs);
    }
    if (change.topic !== '' && !is(topics.changed) && !is(topics.created)) return;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      readSummary();
    }, summaryEveryMs);
    if (is(topics.created)) take(source, change, isTop());
    source.refresh(change.topic === '' ? null : (change.ids ?? null));
  });
}

/** New rows are counted in a pill; at the very top of a newest-first list they come in by themselves. */
function take<row extends Row>(
  source: RowSource<row>,
  { ids }: LiveChange,
  mayCome: boolean,
): void {
  if (ids === undefined) return;
  source.arrived(ids);
  if (mayCome && source.fresh > 0) source.reload();
}
