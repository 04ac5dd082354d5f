/** One way to group the deltas of a source; kept in a table of its own, read through a view. */
export interface Grouping {
  /** In the order of the key: begin with what readers seek by. A text is a column of the rollup's `columns`. */
  readonly group: readonly (string | Grain)[];
  /** Which of the sums and counts it keeps. */
  readonly keep: readonly string[];
}

/** A date column, cut to the first day of its month or year. */
export interface Grain {
  readonly column: string;
  readonly grain: 'day' | 'month' | 'year';
  readonly as: string;
}

/**
 * What is counted of a row is not itself but parts of it that stand in another table. They are there when the
 * transaction that makes the row count ends, and do not change while it counts: who writes parts holds the row's lock.
 */
export interface Parts {
  /** `schema.table` with row security, where the parts stand. */
  readonly table: string;
  /** Its columns that name the row, beside `tenant_id`: with those of the row. */
  readonly key: Readonly<Record<string, string>>;
  /** Those of the rollup's columns that the parts have: all parts of a row with the same ones are one. */
  readonly columns: readonly string[];
  /** Columns of whole numbers that are added up then. */
  readonly sums: readonly string[];
}

export interface RollupDef {
  /** `schema.name`: of the table of deltas, and of the functions. */
  readonly name: string;
  /** `schema.table` with a column `tenant_id`. */
  readonly source: string;
  /** Rows that count; `r` is the row, and only its columns may be named. Default all. */
  readonly where?: string;
  /** Where given, sums and counts are also over `p`, the parts of the row that are one. */
  readonly parts?: Parts;
  /** Columns of the source that groups are made of, with their types. */
  readonly columns: Readonly<Record<string, string>>;
  /** Whole numbers, by expressions over `r` (or `p`) that are never null. */
  readonly sums: Readonly<Record<string, string>>;
  /** How many rows hold a condition over `r`. */
  readonly counts: Readonly<Record<string, string>>;
  /** The schema of the views. */
  readonly api: string;
  /** By the name of the view. */
  readonly groupings: Readonly<Record<string, Grouping>>;
}

/** Sums and counts by group that equal a recount of the source in every snapshot. */
export interface Rollup extends RollupDef {
  readonly schema: string;
  readonly base: string;
}

const nameForm = /^[a-z][a-z0-9_]*$/u;
const qualifiedForm = /^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/u;
/** They do not subtract: a deleted row's maximum cannot be taken back. */
const unsubtractable = /\b(?:min|max|avg|distinct|array_agg|string_agg|bool_and|bool_or)\b/iu;

/**
 * Declares rollups of one table: triggers append signed deltas, a worker folds them each second, and a view adds
 * what is folded to what is not. `rollupSql` gives the SQL for a migration.
 *
 * @throws {TypeError} for a name that is none, a column that is not there, or what does not subtract (min, max,
 *   distinct).
 */
export function rollup(def: RollupDef): Rollup {
  for (const name of [def.name, def.source, def.parts?.table ?? def.source]) {
    if (!qualifiedForm.test(name)) throw new TypeError(`${name} is not schema.name.`);
  }
  const measures = [...Object.keys(def.sums), ...Object.keys(def.counts)];
  const columns = Object.keys(def.columns);
  for (const name of [...measures, ...columns, ...Object.keys(def.groupings), def.api]) {
    if (!nameForm.test(name)) throw new TypeError(`${name} is not a name in snake case.`);
  }
  for (const expression of [...Object.values(def.sums), ...Object.values(def.counts)]) {
    if (unsubtractable.test(expression)) {
      throw new TypeError(
        `${expression} does not subtract: only sums and counts can be rolled up.`,
      );
    }
  }
  const missing = undeclaredOf(def, measures);
  if (missing.length > 0) throw new TypeError(`${missing.join(', ')}: not declared.`);
  const [schema = '', base = ''] = def.name.split('.');
  return { ...def, schema, base };
}

function undeclaredOf({ columns, groupings, parts }: RollupDef, measures: readonly string[]) {
  const all = Object.values(groupings);
  const used = all.flatMap(({ group }) =>
    group.map((item) => (typeof item === 'string' ? item : item.column)),
  );
  return [
    ...[...used, ...(parts?.columns ?? [])].filter((name) => !Object.hasOwn(columns, name)),
    ...all.flatMap(({ keep }) => keep.filter((name) => !measures.includes(name))),
  ];
}

/** Names and expressions of the sums and counts, as they are summed. */
export function measuresOf({ sums, counts }: RollupDef): [string, string][] {
  const ones = Object.entries(counts).map(([name, condition]): [string, string] => [
    name,
    `case when ${condition} then 1 else 0 end`,
  ]);
  return [...Object.entries(sums), ...ones];
}

/** A group's names, and how they are made of a delta's columns. */
export function groupOf({ group }: Grouping, columns: RollupDef['columns']) {
  return group.map((item) => {
    if (typeof item === 'string') {
      return { name: item, type: columns[item] ?? '', expression: item };
    }
    const { column, grain, as } = item;
    const cut = `date_trunc('${grain}', ${column}::timestamp)::date`;
    return { name: as, type: 'date', expression: grain === 'day' ? column : cut };
  });
}
