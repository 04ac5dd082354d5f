import { sql, t, type Reader, type Transaction } from '@plinth/postgres';

const ofYear = sql(
  { year: t.int4 },
  { series: t.text, last: t.int4 },
  { name: 'invoicing.series_of_year' },
)`
  select series, last from invoicing.series_year where year = ${'year'} order by series`;

/** How many numbers of each series the year has. */
export async function findCounts(reader: Reader, year: number): Promise<Map<string, number>> {
  const rows = await reader.many(ofYear, { year });
  return new Map(rows.map(({ series, last }) => [series, last]));
}

const countMany = sql(
  { series: t.text, years: t.array(t.int4), counts: t.array(t.int4) },
  {},
  { name: 'invoicing.count_imported' },
)`
  insert into invoicing.series_year as s (series, year, last)
  select ${'series'}, year, count from unnest(${'years'}::int[], ${'counts'}::int[]) as n (year, count) order by year
  on conflict (tenant_id, series, year) do update set last = s.last + excluded.last`;

/** Numbers that came from outside: counted by year, never continued. */
export async function countImported(
  tx: Transaction,
  countOfYear: ReadonlyMap<number, number>,
): Promise<void> {
  if (countOfYear.size === 0) return;
  await tx.run(countMany, {
    series: 'imported',
    years: [...countOfYear.keys()],
    counts: [...countOfYear.values()],
  });
}
