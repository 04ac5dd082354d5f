import { t } from '../codecs.ts';
import { sql } from '../sql.ts';

export const asWorker = sql({}, {})`set local role plinth_worker`;

/** Months from this one on; by the server's clock, which partitions go by. */
export const premake = sql({ parent: t.text, months: t.int4 }, { made: t.int8n })`
  select count(*) filter (where plinth.make_partition(${'parent'}, now() + make_interval(months => n))) as made
  from generate_series(0, ${'months'}::int) n`;

export const makePartition = sql({ parent: t.text, at: t.timestamptz }, { made: t.bool })`
  select plinth.make_partition(${'parent'}, ${'at'}) as made`;

export const detachOldest = sql({ parent: t.text }, { name: t.nullable(t.text) })`
  select plinth.detach_partition(${'parent'}) as name`;

export const dropArchived = sql(
  { name: t.text, rows: t.int8n, sha256: t.bytea, place: t.text },
  {},
)`
  select plinth.drop_partition(${'name'}, ${'rows'}, ${'sha256'}, ${'place'})`;
