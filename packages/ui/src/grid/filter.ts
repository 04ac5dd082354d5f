import type { FilterKind } from './column.ts';

/** One clause of a filter; on the wire `field:op:value`, lists by comma. */
export interface Clause {
  readonly field: string;
  readonly op: Operator;
  readonly values: readonly string[];
}

export const operators = [
  'eq',
  'ne',
  'contains',
  'starts',
  'empty',
  'gte',
  'lte',
  'between',
  'on',
  'before',
  'after',
  'last',
  'next',
  'this',
  'in',
  'notIn',
  'is',
] as const;
export type Operator = (typeof operators)[number];

const operatorsByType: Readonly<Record<FilterKind['type'], readonly Operator[]>> = {
  text: ['contains', 'starts', 'eq', 'ne', 'empty'],
  number: ['gte', 'lte', 'between', 'eq', 'empty'],
  money: ['gte', 'lte', 'between', 'eq', 'empty'],
  date: ['last', 'next', 'this', 'between', 'on', 'before', 'after'],
  enum: ['in', 'notIn'],
  bool: ['is'],
};

/** The conditions of a type, the commonest first. */
export function operatorsOf({ type }: FilterKind): readonly Operator[] {
  return operatorsByType[type];
}

/** How many values an operator takes: a list takes one or more. */
export function valuesWanted(op: Operator): 0 | 1 | 2 | 'list' {
  if (op === 'empty') return 0;
  if (op === 'between') return 2;
  return op === 'in' || op === 'notIn' ? 'list' : 1;
}

export function formatClause({ field, op, values }: Clause): string {
  return [field, op, values.map(encodeURIComponent).join(',')].join(':');
}

/** @returns undefined for what is no clause: an unknown operator, a wrong number of values, bad encoding. */
export function parseClause(text: string): Clause | undefined {
  const found = /^([A-Za-z]\w*):(\w+):(.*)$/su.exec(text);
  if (found === null) return undefined;
  const [, field = '', name, list = ''] = found;
  const op = operators.find((operator) => operator === name);
  const values = decodeList(list);
  if (op === undefined || values === undefined) return undefined;
  const wanted = valuesWanted(op);
  const fits = wanted === 'list' ? values.length > 0 : values.length === wanted;
  return fits ? { field, op, values } : undefined;
}

function decodeList(list: string): string[] | undefined {
  if (list === '') return [];
  try {
    return list.split(',').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** The same filter, in whatever order its clauses stand. */
export function sameFilter(one: readonly Clause[], other: readonly Clause[]): boolean {
  const texts = (clauses: readonly Clause[]) => clauses.map(formatClause).toSorted().join('&');
  return one.length === other.length && texts(one) === texts(other);
}
