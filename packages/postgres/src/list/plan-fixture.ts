import { z } from '@plinth/core/z';

import { t } from '../codecs.ts';
import type { Context } from '../context.ts';
import type { Database } from '../database.ts';
import { sql } from '../sql.ts';
import type { Bound } from './bound.ts';
import { rawCodec } from './bound.ts';
import { formatArray } from '../array-text.ts';
import { parseFilter } from './filter.ts';
import { parcelList } from './parcel-fixture.ts';
import { parseSort } from './sort.ts';
import {
  placeOf,
  rankWindow,
  rowsOfIds,
  windowOf,
  type KeyedRow,
  type Scope,
} from './statements.ts';

/** Parcels as a shipper's books have them: days rise with the rows, most are sent. */
export const addBook = sql({ count: t.int4, tenant: t.uuid }, {})`
  insert into parcels.parcel (tenant_id, id, name, state, shipped_on, seen_at, price, currency, grams, is_fragile, carrier_id)
  select ${'tenant'}, (lpad(to_hex(n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
    (array['Alder', 'Birch', 'Cedar', 'Elm', 'Fir', 'Hazel', 'Juniper'])[1 + (random() * 6)::int] || ' ' || md5(n::text),
    (array['new', 'sent', 'sent', 'sent', 'lost'])[1 + (random() * 4)::int], date '2016-01-01' + (n::float8 / ${'count'} * 3650)::int,
    timestamptz '2016-01-01 00:00+00' + n * interval '1 minute', (exp(random() * 8) * 100)::bigint,
    (array['EUR', 'USD', 'JPY'])[1 + (random() * 2)::int], (random() * 5000)::int + 1, random() < 0.1, gen_random_uuid()
  from generate_series(1, ${'count'}) n`;

export interface Work {
  readonly name: string;
  readonly rowsReturned: number;
  /** Rows of tables that were visited, whether they were kept or not. */
  readonly rowsRead: number;
  readonly hasSeqScan: boolean;
  /** Rows that a sort had to hold at once. */
  readonly rowsSorted: number;
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number | undefined;
  readonly 'Heap Fetches'?: number | undefined;
  readonly Plans?: readonly PlanNode[] | undefined;
}
const node: z.ZodType<PlanNode> = z.object({
  'Node Type': z.string(),
  'Actual Rows': z.number(),
  'Actual Loops': z.number(),
  'Rows Removed by Filter': z.number().optional(),
  'Heap Fetches': z.number().optional(),
  get Plans() {
    return z.array(node).optional();
  },
});
const plans = z.tuple([z.object({ Plan: node })]);

/** What each kind of window of a sort with an index costs the server, by its own count. */
export async function measureWindows(
  database: Database,
  ctx: Context,
  rank: number,
): Promise<Work[]> {
  const works: Work[] = [];
  const measure = async (name: string, { statement, params }: Bound<KeyedRow>) => {
    const explain = {
      ...statement,
      text: `explain (analyze, timing off, format json) ${statement.text}`,
      row: { 'QUERY PLAN': rawCodec('json') },
    };
    const [row] = await database.many(ctx, explain, params);
    const [{ Plan }] = plans.parse(JSON.parse(String(row?.['QUERY PLAN'])));
    works.push({ name, ...workOf(Plan) });
  };
  for (const sort of ['-shippedOn', 'price', '-seenAt', 'name']) {
    for (const f of [[], ['state:in:sent,new']]) {
      const scope = scopeOf(sort, f);
      const name = `${sort} ${f.join()}`;
      await measure(`${name} first`, windowOf(scope, undefined, 101));
      const deep = rankWindow(scope, undefined, { limit: 101, skip: rank });
      const rows = await database.many(ctx, deep.statement, deep.params);
      const [first = {}] = rows;
      const place = placeOf(scope.sort, first);
      await measure(`${name} after`, windowOf(scope, { place, side: 'after' }, 101));
      await measure(`${name} before`, windowOf(scope, { place, side: 'before' }, 101, true));
      const at = { place, side: 'from' } as const;
      // What a rank skips lies in the index, where the index has all keys and the filter's columns.
      if (sort === '-shippedOn' || f.length === 0) {
        await measure(`${name} rank`, rankWindow(scope, at, { limit: 101, skip: 900 }));
      }
      const ids = rows.map((row) => String(row['id']));
      await measure(`${name} rows`, rowsOfIds(scope, formatArray(ids)));
    }
  }
  return works;
}

function scopeOf(sort: string, f: readonly string[]): Scope {
  const { conditions } = parseFilter(parcelList, { f, today: '2026-03-18' });
  return { listing: parcelList, conditions, sort: parseSort(parcelList, sort) };
}

const visiting = new Set(['Seq Scan', 'Index Scan', 'Bitmap Heap Scan']);

function workOf(plan: PlanNode): Omit<Work, 'name'> {
  let rowsRead = 0;
  let rowsSorted = 0;
  let hasSeqScan = false;
  const visit = (one: PlanNode) => {
    const type = one['Node Type'];
    const loops = one['Actual Loops'];
    const rows = (one['Actual Rows'] + (one['Rows Removed by Filter'] ?? 0)) * loops;
    if (visiting.has(type)) rowsRead += rows;
    rowsRead += one['Heap Fetches'] ?? 0;
    if (type === 'Sort') rowsSorted = Math.max(rowsSorted, rows);
    hasSeqScan ||= type === 'Seq Scan';
    one.Plans?.forEach(visit);
  };
  visit(plan);
  return { rowsReturned: plan['Actual Rows'], rowsRead, rowsSorted, hasSeqScan };
}
