import { Problem } from '@plinth/core';

import type { Codecs } from '../codec.ts';
import type { ListDef, ListField, Listing, ListSearch, PageQuery } from '../listing.ts';
import { operators, type Condition } from './operators.ts';

/** A clause that a search function answers: its ids are read before the list is. */
export interface Search {
  readonly function: string;
  /** The column that holds the ids which the function returns. */
  readonly column: string;
  readonly pattern: string;
  readonly field: string;
}

export interface Filter {
  readonly conditions: readonly Condition[];
  readonly searches: readonly Search[];
  /** The same filter has the same text, in whatever order its clauses came. */
  readonly text: string;
}

export type FilterQuery = Pick<PageQuery, 'f' | 'today' | 'zone'>;

const clausesMax = 20;
const valuesMax = 200;
const patternCharactersMax = 200;

/**
 * Reads clauses `field:op:value`, values percent-encoded, lists by comma.
 *
 * @throws {Problem} `list.bad_filter` naming the first clause's field that is unknown, not to be
 * filtered, or has an operator or values that do not fit: never ignored.
 */
export function parseFilter(listing: Listing<unknown>, query: FilterQuery): Filter {
  const clauses = query.f ?? [];
  if (clauses.length > clausesMax) {
    throw badFilter('', clausesMax, `A filter has at most ${clausesMax} clauses.`);
  }
  const conditions: Condition[] = [];
  const searches: Search[] = [];
  for (const [index, clause] of clauses.entries()) {
    const read = readClause(listing.def, clause, index, query);
    if (typeof read === 'function') conditions.push(read);
    else searches.push(read);
  }
  return { conditions, searches, text: JSON.stringify([...clauses].toSorted()) };
}

function readClause(
  def: ListDef<Codecs>,
  text: string,
  index: number,
  query: FilterQuery,
): Condition | Search {
  const [name = '', op = '', ...rest] = text.split(':');
  const clause: Clause = { name, op, values: readValues(name, rest.join(':'), index), index };
  if (name === 'q') return readSearch(def, clause, def.q);
  const field = Object.hasOwn(def.fields, name) ? def.fields[name] : undefined;
  if (field === undefined || field.filter !== true) {
    throw badFilter(name, index, `The list cannot be filtered by ${name || 'nothing'}.`);
  }
  if (op === 'contains') return readSearch(def, clause, field.search);
  return readOperator(field, clause, query);
}

interface Clause {
  readonly name: string;
  readonly op: string;
  readonly values: readonly string[];
  readonly index: number;
}

function readOperator(field: ListField, clause: Clause, query: FilterQuery): Condition {
  const { name, op, values, index } = clause;
  const ofType = operators[field.type];
  const operator = Object.hasOwn(ofType, op) ? ofType[op] : undefined;
  if (operator === undefined) throw noOperator(clause);
  const column = typeof field.sql === 'string' ? field.sql : `(${field.sql.fragment})`;
  const { today, zone = 'UTC' } = query;
  const condition = operator({ column, field, values, today, zone });
  if (condition !== undefined) return condition;
  throw badFilter(name, index, `The value does not fit ${name}:${op}.`);
}

/** Text after the second colon: split first, then decoded, so that a value may hold a comma. */
function readValues(name: string, text: string, index: number): string[] {
  const parts = text.split(',');
  if (parts.length > valuesMax) {
    throw badFilter(name, index, `A clause has at most ${valuesMax} values.`);
  }
  try {
    return parts.map((part) => decodeURIComponent(part));
  } catch (error) {
    throw badFilter(name, index, `The value of ${name} is not percent-encoded.`, error);
  }
}

function readSearch(def: ListDef<Codecs>, clause: Clause, search: ListSearch | undefined): Search {
  const { name, op, values, index } = clause;
  if (search === undefined || op !== 'contains') throw noOperator(clause);
  const [pattern = '', ...more] = values;
  const isLong = pattern.trim() === '' || pattern.length > patternCharactersMax;
  if (isLong || more.length > 0 || pattern.includes('\0') || !pattern.isWellFormed()) {
    const message = `${name}:contains takes one text of 1 to ${patternCharactersMax} characters.`;
    throw badFilter(name, index, message);
  }
  return { function: search.function, column: search.on ?? def.id, pattern, field: name };
}

function noOperator({ name, op, index }: Clause): Problem {
  return badFilter(name, index, `${name} has no operator ${op || 'of that form'}.`);
}

function badFilter(field: string, index: number, message: string, cause?: unknown): Problem {
  const code = 'list.bad_filter';
  return new Problem(message, {
    code,
    kind: 'invalid',
    context: { field },
    fields: [{ pointer: `/f/${index}`, code, message }],
    cause,
  });
}
