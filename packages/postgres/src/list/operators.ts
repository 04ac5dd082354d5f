import { formatArray } from '../array-text.ts';
import type { ListField, ListFieldType } from '../listing.ts';
import { isDay, isInstant } from '../time-text.ts';
import type { Bind, SqlType } from './bound.ts';
import { addDays, readPeriod, type Period } from './period.ts';

/** SQL of one condition, in words that seek under row-level security. */
export type Condition = (bind: Bind) => string;

interface Operand {
  readonly column: string;
  readonly field: ListField;
  readonly values: readonly string[];
  readonly today: string;
  readonly zone: string;
}

/** Gives undefined for values that the operator does not take. */
export type Operator = (operand: Operand) => Condition | undefined;

export const sqlTypes = {
  text: 'text',
  number: 'bigint',
  money: 'bigint',
  date: 'date',
  instant: 'timestamp with time zone',
  enum: 'text',
  ref: 'uuid',
  bool: 'boolean',
} as const satisfies Readonly<Record<ListFieldType, SqlType>>;

const integerForm = /^-?\d{1,18}$/u;
const uuidForm = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/u;
const truth = new Set(['true', 'false']);

/** An operator of exactly one value that `fits`. */
function one(
  fits: (value: string) => boolean,
  write: (operand: Operand, value: string) => Condition | undefined,
): Operator {
  return (operand) => {
    const [value, ...rest] = operand.values;
    if (value === undefined || rest.length > 0 || !fits(value)) return undefined;
    return write(operand, value);
  };
}

function two(
  fits: (value: string) => boolean,
  write: (operand: Operand, from: string, to: string) => Condition,
): Operator {
  return (operand) => {
    const [from, to, ...rest] = operand.values;
    if (from === undefined || to === undefined || rest.length > 0) return undefined;
    return fits(from) && fits(to) ? write(operand, from, to) : undefined;
  };
}

const isText = (value: string) => !value.includes('\0') && value.isWellFormed();
const isFilled = (value: string) => value !== '' && isText(value);
const isInteger = (value: string) => integerForm.test(value);
const isTruth = (value: string) => truth.has(value);

/** The server lower-cases the value, as it did the column: its rules of letters are not JavaScript's. */
function textOf({ field }: Operand, bind: Bind, value: string): string {
  const parameter = bind('text', value);
  return field.fold ? `lower(${parameter})` : parameter;
}

const empty = (absent: (column: string) => string) =>
  one(isTruth, ({ column }, value) => {
    const condition = absent(column);
    return () => (value === 'true' ? condition : `not ${condition}`);
  });

/** One value is an equality: behind it an index keeps its order, which it loses behind a list. */
function anyOf(type: 'text' | 'uuid', fits: (value: string) => boolean, not = false): Operator {
  return ({ column, values, field }) => {
    const known = field.values;
    if (values.length === 0 || !values.every(fits)) return undefined;
    if (known !== undefined && !values.every((value) => known.includes(value))) return undefined;
    const [single = ''] = values;
    if (values.length === 1) return (bind) => `${column} ${not ? '<>' : '='} ${bind(type, single)}`;
    const list = formatArray(values);
    return (bind) => `${column} ${not ? '<> all' : '= any'}(${bind(`${type}[]`, list)})`;
  };
}

const text: Readonly<Record<string, Operator>> = {
  eq: one(
    isText,
    (operand, value) => (bind) => `${operand.column} = ${textOf(operand, bind, value)}`,
  ),
  ne: one(isText, (operand, value) => (bind) => {
    const { column } = operand;
    return `(${column} <> ${textOf(operand, bind, value)} or ${column} is null)`;
  }),
  /** `like` never seeks under row-level security; a range in the order of bytes does. */
  starts: one(isFilled, (operand, value) => (bind) => {
    const { column } = operand;
    const from = textOf(operand, bind, value);
    return `(${column} >= ${from} collate "C" and ${column} < (${from} || chr(1114111)) collate "C")`;
  }),
  empty: empty((column) => `(${column} is null or ${column} = '')`),
};

const compared = (sign: string) =>
  one(
    isInteger,
    ({ column }, value) =>
      (bind) =>
        `${column} ${sign} ${bind('bigint', value)}`,
  );

const number: Readonly<Record<string, Operator>> = {
  eq: compared('='),
  gte: compared('>='),
  lte: compared('<='),
  between: two(isInteger, ({ column }, from, to) => (bind) => {
    return `(${column} >= ${bind('bigint', from)} and ${column} <= ${bind('bigint', to)})`;
  }),
  empty: empty((column) => `(${column} is null)`),
};

/** A day, `today`, and for an instant also a point in time. */
function isTime({ field }: Operand, value: string): boolean {
  if (value.includes('infinity')) return false;
  return value === 'today' || isDay(value) || (field.type === 'instant' && isInstant(value));
}

const isPoint = (value: string) => value.length > 10;

/** The first moment of a day (in the tenant's zone), or a point as it is. */
function startOf({ field, today, zone }: Operand, bind: Bind, value: string): string {
  const day = value === 'today' ? today : value;
  if (field.type === 'date') return bind('date', day);
  if (isPoint(day)) return bind('timestamp with time zone', day);
  return `(${bind('date', day)}::timestamp at time zone ${bind('text', zone)})`;
}

/** The first moment that is no more in the day. */
function endOf(operand: Operand, bind: Bind, value: string): string {
  return startOf(operand, bind, addDays(value === 'today' ? operand.today : value, 1));
}

function withinDays(operand: Operand, { from, to }: Period): Condition {
  const { column } = operand;
  return (bind) =>
    `(${column} >= ${startOf(operand, bind, from)} and ${column} < ${endOf(operand, bind, to)})`;
}

function atTime(write: (operand: Operand, value: string) => Condition | undefined): Operator {
  return (operand) => one((value) => isTime(operand, value), write)(operand);
}

const relative = (way: 'last' | 'next' | 'this') =>
  one(isFilled, (operand, value) => {
    const period = readPeriod(way, value, operand.today);
    return period && withinDays(operand, period);
  });

const time: Readonly<Record<string, Operator>> = {
  on: atTime((operand, value) =>
    isPoint(value) ? undefined : withinDays(operand, { from: value, to: value }),
  ),
  before: atTime(
    (operand, value) => (bind) => `${operand.column} < ${startOf(operand, bind, value)}`,
  ),
  after: atTime((operand, value) => (bind) => {
    if (isPoint(value)) return `${operand.column} > ${startOf(operand, bind, value)}`;
    return `${operand.column} >= ${endOf(operand, bind, value)}`;
  }),
  between: (operand) =>
    two(
      (value) => isTime(operand, value),
      (_, from, to) => (bind) => {
        const { column } = operand;
        const begin = `${column} >= ${startOf(operand, bind, from)}`;
        if (isPoint(to)) return `(${begin} and ${column} <= ${startOf(operand, bind, to)})`;
        return `(${begin} and ${column} < ${endOf(operand, bind, to)})`;
      },
    )(operand),
  last: relative('last'),
  next: relative('next'),
  this: relative('this'),
};

const choice = { in: anyOf('text', isText), notIn: anyOf('text', isText, true) };

/** What may be asked of each type of field; `contains` needs a search and is not in here. */
export const operators: Readonly<Record<ListFieldType, Readonly<Record<string, Operator>>>> = {
  text,
  number,
  money: number,
  date: time,
  instant: time,
  enum: choice,
  ref: { in: anyOf('uuid', (value) => uuidForm.test(value)) },
  bool: {
    is: one(
      isTruth,
      ({ column }, value) =>
        (bind) =>
          `${column} = ${bind('boolean', value)}`,
    ),
  },
};
