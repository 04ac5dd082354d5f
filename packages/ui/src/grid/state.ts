import { type Clause, formatClause, parseClause } from './filter.ts';

export interface SortKey {
  readonly field: string;
  readonly descending: boolean;
}

/** How one column stands when it stands otherwise than delivered. */
export interface ColumnState {
  readonly id: string;
  readonly width?: number;
  readonly hidden?: boolean;
}

/** What a list shows: all of it is in the URL. */
export interface GridState {
  readonly filter: readonly Clause[];
  readonly sort: readonly SortKey[];
  readonly columns: readonly ColumnState[];
}

const sortKeysMax = 4;
export const emptyState: GridState = { filter: [], sort: [], columns: [] };

/** Reads `?f=…&sort=…&cols=…`. What is malformed is left out; without `sort` the defaults' order holds. */
export function readState(search: URLSearchParams, defaults: GridState = emptyState): GridState {
  const sort = parseSort(search.get('sort') ?? '');
  return {
    filter: search.getAll('f').flatMap((text) => parseClause(text) ?? []),
    sort: sort.length > 0 ? sort : defaults.sort,
    columns: parseColumns(search.get('cols') ?? ''),
  };
}

/** The query string of a state; what equals the defaults is left out, other parameters of `search` stay. */
export function writeState(
  state: GridState,
  search: URLSearchParams = new URLSearchParams(),
  defaults: GridState = emptyState,
): URLSearchParams {
  const written = new URLSearchParams(search);
  for (const name of ['f', 'sort', 'cols']) written.delete(name);
  for (const clause of state.filter) written.append('f', formatClause(clause));
  const sort = formatSort(state.sort);
  if (sort !== '' && sort !== formatSort(defaults.sort)) written.set('sort', sort);
  if (state.columns.length > 0) written.set('cols', formatColumns(state.columns));
  return written;
}

export function formatSort(sort: readonly SortKey[]): string {
  return sort.map(({ field, descending }) => `${descending ? '-' : ''}${field}`).join(',');
}

function parseSort(text: string): SortKey[] {
  return text
    .split(',')
    .filter((key) => /^-?[A-Za-z]\w*$/u.test(key))
    .slice(0, sortKeysMax)
    .map((key) => ({ field: key.replace('-', ''), descending: key.startsWith('-') }));
}

function formatColumns(columns: readonly ColumnState[]): string {
  return columns
    .map(({ id, width, hidden }) => {
      const shown = hidden === undefined ? '' : hidden ? '!' : '*';
      return `${shown}${id}${width === undefined ? '' : `~${width}`}`;
    })
    .join(',');
}

function parseColumns(text: string): ColumnState[] {
  return text.split(',').flatMap((part) => {
    const [, shown, id, width] = /^([!*]?)([A-Za-z]\w*)(?:~(\d{2,3}))?$/u.exec(part) ?? [];
    if (id === undefined) return [];
    return {
      id,
      ...(width === undefined ? {} : { width: Number(width) }),
      ...(shown === '' || shown === undefined ? {} : { hidden: shown === '!' }),
    };
  });
}

/**
 * The order after a click on a header: it sorts by this column alone, a second click turns it round; with `added`
 * the column joins the present keys, a further one turns, a third takes it out.
 */
export function sortBy(sort: readonly SortKey[], field: string, added: boolean): SortKey[] {
  const present = sort.find((key) => key.field === field);
  if (!added) {
    const turned = present !== undefined && sort.length === 1 && !present.descending;
    return [{ field, descending: turned }];
  }
  if (present === undefined) return [...sort, { field, descending: false }].slice(0, sortKeysMax);
  if (present.descending) return sort.filter((key) => key !== present);
  return sort.map((key) => (key === present ? { field, descending: true } : key));
}

/** A copy with this column's width or visibility. */
export function withColumn(
  columns: readonly ColumnState[],
  change: ColumnState,
): readonly ColumnState[] {
  const present = columns.find(({ id }) => id === change.id);
  if (present === undefined) return [...columns, change];
  return columns.map((column) => (column === present ? { ...present, ...change } : column));
}
