import { measuresOf, type Parts, type Rollup } from './rollup.ts';

/** `r.` becomes the row that a trigger has. */
export function of(row: 'old' | 'new', expression: string): string {
  return expression.replaceAll(/\br\./gu, `${row}.`);
}

export function targets(rollup: Rollup): string {
  const measures = measuresOf(rollup).map(([name]) => name);
  return ['tenant_id', ...Object.keys(rollup.columns), ...measures].join(', ');
}

export function keyOf(rollup: Rollup, row: 'r' | 'old' | 'new'): string {
  const ofParts = new Set(rollup.parts?.columns);
  return ['tenant_id', ...Object.keys(rollup.columns)]
    .map((name) => `${ofParts.has(name) ? 'p' : row}.${name}`)
    .join(', ');
}

/** The parts of all rows, and which of them are a row's. */
export function partsSql({ table, key, columns, sums }: Parts): { query: string; on: string } {
  const names = ['tenant_id', ...Object.keys(key), ...columns].map((name) => `x.${name}`);
  const added = sums.map((name) => `sum(x.${name})::bigint as ${name}`);
  const on = Object.entries(key).map(([part, own]) => `p.${part} = r.${own}`);
  return {
    query: `select ${[...names, ...added].join(', ')}
      from ${table} x group by ${names.join(', ')}`,
    on: ['p.tenant_id = r.tenant_id', ...on].join(' and '),
  };
}
