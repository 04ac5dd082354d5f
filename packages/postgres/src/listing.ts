import type { Codecs, Out } from './codec.ts';
import type { Fragment } from './statement.ts';

export type ListFieldType =
  | 'text'
  | 'number'
  | 'money'
  | 'date'
  | 'instant'
  | 'enum'
  | 'ref'
  | 'bool';

/** A function of role plinth_search: `schema.function(pattern text, rows_max int) returns setof uuid`. */
export interface ListSearch {
  readonly function: string;
  /** The column that holds the ids which it returns; default the list's id. */
  readonly on?: string;
}

/** A field of a list: what may be sorted, filtered, summed. Operators by type: ui-kit.md §4.1. */
export interface ListField {
  /** A column of `from` with its alias: `i.issue_date`. A fragment may be filtered only, and cannot seek. */
  readonly sql: string | Fragment;
  readonly type: ListFieldType;
  /** The name of an index (tenant, column, id). `true`: sorted without one, called `scan` on the wire. */
  readonly sort?: { readonly index: string } | true;
  readonly filter?: boolean;
  /** The column holds lower-cased text: values are lower-cased before they are compared. */
  readonly fold?: boolean;
  /** The values that an enum has; another one is refused. */
  readonly values?: readonly string[];
  /** The currency column by which this field is summed. */
  readonly sum?: string;
  /** Answers `contains`. */
  readonly search?: ListSearch;
}

export interface ListDef<row extends Codecs> {
  /** `invoicing.invoices`: also the AAD of its cursors and the tag of its anchors. */
  readonly name: string;
  /** One tenant table and its alias: `invoicing.invoice i`. */
  readonly from: string;
  /** A uuid, unique in the tenant: `i.id`. */
  readonly id: string;
  /** The row's columns, in SQL, aliased to the names of `row`. */
  readonly select: Fragment;
  /** What `select` needs beside `from`: never drops or doubles a row, and runs for a page's rows only. */
  readonly join?: Fragment;
  /** A condition that always holds: `i.deleted_at is null`. */
  readonly where?: Fragment;
  readonly row: row;
  readonly fields: Readonly<Record<string, ListField>>;
  readonly defaultSort: string;
  /** Answers the clause `q:contains:…`. */
  readonly q?: ListSearch;
}

export interface Listing<row> {
  readonly def: ListDef<Codecs>;
  readonly _row?: row;
}
export type ListingOf<row extends Codecs> = Listing<Out<row>>;

/** A list query as it came over the wire, parsed by contract's `listInput`. */
export interface PageQuery {
  readonly f?: readonly string[] | undefined;
  readonly sort?: string | undefined;
  readonly limit?: number | undefined;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
  readonly rank?: number | undefined;
  readonly around?: string | undefined;
  /** The tenant's today, `YYYY-MM-DD`, for `last:30d` and `this:month`. */
  readonly today: string;
  /** The tenant's IANA zone: where the days of an `instant` field begin. Default UTC. */
  readonly zone?: string | undefined;
}
export type SummaryQuery = Pick<PageQuery, 'f' | 'sort' | 'today' | 'zone'>;
export type RowsQuery = Pick<PageQuery, 'f' | 'today' | 'zone'> & {
  readonly ids: readonly string[];
};

export interface Total {
  n: number;
  exact: boolean;
  /** RFC 3339 */
  asOf: string;
}
/** Plain data that fits contract's `pageOf`. */
export interface Page<row> {
  items: row[];
  prev: string | null;
  next: string | null;
  /** Of the first item. */
  rank: { n: number; exact: boolean };
  total: Total;
  cost: 'index' | 'scan';
}
/** Plain data that fits contract's `summaryOutput`. */
export interface Summary {
  total: Total;
  sums: { currency: string; amounts: Record<string, number> }[] | null;
  ruler: { n: number; key: string }[];
  asOf: string;
}
export interface Rows<row> {
  items: row[];
  gone: string[];
}
