import type { Log } from '@plinth/core';

import { formatArray } from '../array-text.ts';
import type { Database } from '../database.ts';
import type { Listing, Rows } from '../listing.ts';
import { readAsk, resolveScope, type Ask, type ListLimits, type ListNeeds } from './ask.ts';
import { createListCache, shelfOf, type ListCache } from './kept.ts';
import { withoutKeys } from './page-form.ts';
import { readPage } from './pages.ts';
import { keysOf, placeOf, rowsOfIds, windowOf, type KeyedRow, type Start } from './statements.ts';
import { readSummary } from './summary.ts';

const chunkRows = 1_000;
const limitsDefault: ListLimits = { countedMax: 20_000, sortedMax: 2_000_000, anchorsMs: 2_000 };

export type Lists = Pick<Database, 'page' | 'summary' | 'rows' | 'ids' | 'walk'>;

export interface ListOptions extends Pick<ListNeeds, 'database' | 'keyRing' | 'clock'> {
  readonly log?: Log | undefined;
  /** What keeps anchors and sums; default: the memory of this process. */
  readonly cache?: ListCache;
  readonly limits?: Partial<ListLimits>;
}

/** The list protocol over a database: windows, totals, rows by id and walks of declared lists. */
export function createLists(options: ListOptions): Lists {
  const { database, keyRing, clock, log } = options;
  const onError = (error: unknown) => log?.warn('list.refresh_failed', { error: String(error) });
  const cache = options.cache ?? createListCache({ clock, onError });
  const needs: ListNeeds = {
    database,
    keyRing,
    clock,
    anchors: shelfOf(cache, 'list-anchors:'),
    sums: shelfOf(cache, 'list-sums:'),
    limits: { ...limitsDefault, ...options.limits },
  };
  return {
    page: async (context, listing, query) =>
      typed(listing, await readPage(needs, readAsk(context, listing, query), query)),
    summary: async (context, listing, query) =>
      readSummary(needs, readAsk(context, listing, query)),
    rows: async (context, listing, query) =>
      typed(listing, await readRows(needs, readAsk(context, listing, query), query.ids)),
    async *ids(context, listing, query) {
      const ask = readAsk(context, listing, query);
      for await (const rows of chunks(needs, ask, keysOf)) {
        yield rows.map((row) => placeOf(ask.sort, row).at(-1) ?? '');
      }
    },
    async *walk(context, listing, query) {
      const ask = readAsk(context, listing, query);
      for await (const rows of chunks(needs, ask, windowOf)) {
        yield typed(listing, { items: rows.map((row) => withoutKeys(listing.def, row)) }).items;
      }
    },
  };
}

type Items = { readonly items: readonly KeyedRow[] };

function typed<row, answer extends Items>(
  _: Listing<row>,
  answer: answer,
): Omit<answer, 'items'> & { items: row[] } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the items were read by the codecs that the listing's row type comes from
  return { ...answer, items: answer.items as row[] };
}

async function readRows(
  { database }: ListNeeds,
  ask: Ask,
  ids: readonly string[],
): Promise<Rows<KeyedRow>> {
  const rows = await database.read(ask.context, async (reader) => {
    const { statement, params } = rowsOfIds(await resolveScope(reader, ask), formatArray(ids));
    return reader.many(statement, params);
  });
  const { def } = ask.listing;
  const byId = new Map(rows.map((row) => [String(row['$0']), withoutKeys(def, row)]));
  return {
    items: ids.flatMap((id) => {
      const row = byId.get(id);
      return row === undefined ? [] : [row];
    }),
    gone: ids.filter((id) => !byId.has(id)),
  };
}

/** Each chunk is a read of its own: no transaction stays open while its taker works. */
async function* chunks(needs: ListNeeds, ask: Ask, ofScope: typeof keysOf) {
  let start: Start | undefined;
  let isEnd = false;
  while (!isEnd) {
    const rows = await needs.database.read(ask.context, async (reader) => {
      const { statement, params } = ofScope(await resolveScope(reader, ask), start, chunkRows);
      return reader.many(statement, params);
    });
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    isEnd = rows.length < chunkRows;
    start = last && { place: placeOf(ask.sort, last), side: 'after' };
  }
}
