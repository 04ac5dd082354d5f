export type { Codec, Codecs, In, Out } from './codec.ts';
export type { Context } from './context.ts';
export type {
  Call,
  CopyTarget,
  Database,
  PoolStats,
  Reader,
  ReadOptions,
  Transaction,
  WriteOptions,
} from './database.ts';
export type {
  ListDef,
  ListField,
  Listing,
  ListingOf,
  Page,
  PageQuery,
  Rows,
  Summary,
  SummaryQuery,
  Total,
} from './listing.ts';
export type { Fragment, SqlTag, Statement, StatementOptions } from './statement.ts';
