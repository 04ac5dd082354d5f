import type { Codecs, Out } from './codec.ts';
import type { Fragment } from './statement.ts';

/** A field of a list: what may be sorted, filtered, summed. Operators by type: ui-kit.md §4.1. */
export interface ListField {
  readonly sql: Fragment;
  readonly type: 'text' | 'number' | 'money' | 'date' | 'instant' | 'enum' | 'ref' | 'bool';
  /** Sorted without an index is declared `true`, and is called `scan` on the wire. */
  readonly sort?: { readonly index: string } | true;
  readonly filter?: boolean;
  /** The currency column by which this field is summed. */
  readonly sum?: Fragment;
  /** `contains`: a function of plinth_search: `schema.function(pattern text, rows_max int) returns setof uuid`. */
  readonly search?: Fragment;
}

export interface ListDef<row extends Codecs> {
  /** `invoicing.invoices`: also the AAD of its cursors and the tag of its anchors. */
  readonly name: string;
  readonly from: Fragment;
  readonly id: Fragment;
  /** The row's columns, in SQL, aliased to the names of `row`. */
  readonly select: Fragment;
  readonly row: row;
  readonly fields: Readonly<Record<string, ListField>>;
  readonly defaultSort: string;
  /** Field whose `contains` answers the clause `q:contains:…`. */
  readonly q?: string;
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
}
export type SummaryQuery = Pick<PageQuery, 'f' | 'sort' | 'today'>;

export interface Total {
  readonly n: number;
  readonly exact: boolean;
  /** RFC 3339 */
  readonly asOf: string;
}
export interface Page<row> {
  readonly items: row[];
  readonly prev: string | null;
  readonly next: string | null;
  readonly rank: { readonly n: number; readonly exact: boolean };
  readonly total: Total;
  readonly cost: 'index' | 'scan';
}
export interface Summary {
  readonly total: Total;
  readonly sums: { readonly currency: string; readonly amounts: Record<string, number> }[] | null;
  readonly ruler: { readonly n: number; readonly key: string }[];
  readonly asOf: string;
}
export interface Rows<row> {
  readonly items: row[];
  readonly gone: string[];
}
