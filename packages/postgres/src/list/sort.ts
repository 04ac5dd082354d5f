import { Problem } from '@plinth/core';

import type { Codecs } from '../codec.ts';
import type { ListDef, ListField, ListFieldType, Listing } from '../listing.ts';

export interface SortKey {
  readonly field: string;
  /** The column with its alias: `i.issue_date`. */
  readonly column: string;
  /** The column without it. */
  readonly name: string;
  readonly type: ListFieldType;
  readonly descending: boolean;
}

export interface Sort {
  /** What was asked for, the id always last: no two rows are equal. */
  readonly keys: readonly [SortKey, ...SortKey[]];
  /** The same sort has the same text: `-issueDate,-id`. */
  readonly text: string;
  readonly cost: 'index' | 'scan';
  readonly uniform: boolean;
  /** One index gives the whole order: its keys are hopped over without a sort. */
  readonly covered: boolean;
}

const keysMax = 4;

/**
 * @param text `-issueDate,number`, at most four keys; nothing: the list's default.
 * @throws {Problem} `list.bad_sort` naming the key that is unknown, doubled or too much.
 */
export function parseSort(listing: Listing<unknown>, text: string | undefined): Sort {
  const { def } = listing;
  const keys = readKeys(def, text === undefined || text === '' ? def.defaultSort : text);
  const last = keys.at(-1);
  if (last?.field !== 'id') keys.push(idKey(def, last?.descending ?? false));
  const [first = idKey(def, false), ...rest] = keys;
  const cost = first.field === 'id' || isIndexed(def.fields[first.field]) ? 'index' : 'scan';
  const uniform = rest.every((key) => key.descending === first.descending);
  return {
    keys: [first, ...rest],
    text: keys.map((key) => `${key.descending ? '-' : ''}${key.field}`).join(),
    cost,
    uniform,
    covered: uniform && cost === 'index' && keys.length <= 2,
  };
}

function readKeys(def: ListDef<Codecs>, text: string): SortKey[] {
  const parts = text.split(',');
  if (parts.length > keysMax) {
    throw badSort(parts[keysMax] ?? '', `A list is sorted by at most ${keysMax} keys.`);
  }
  const keys = parts.map((part) => readKey(def, part));
  for (const [index, { field }] of keys.entries()) {
    if (keys.findIndex((key) => key.field === field) < index) {
      throw badSort(field, `${field} stands twice in the sort.`);
    }
    if (field === 'id' && index < keys.length - 1) {
      throw badSort('id', 'Nothing can be sorted behind the id.');
    }
  }
  return keys;
}

/** The sorts of a list that cost an index scan: what a client may be pointed to. */
export function indexedSorts(def: ListDef<Codecs>): string[] {
  return Object.keys(def.fields).filter((name) => isIndexed(def.fields[name]));
}

function isIndexed(field: ListField | undefined): boolean {
  return typeof field?.sort === 'object';
}

function readKey(def: ListDef<Codecs>, part: string): SortKey {
  const descending = part.startsWith('-');
  const name = descending ? part.slice(1) : part;
  if (name === 'id') return idKey(def, descending);
  const field = Object.hasOwn(def.fields, name) ? def.fields[name] : undefined;
  if (field?.sort === undefined || typeof field.sql !== 'string') {
    throw badSort(name, `The list cannot be sorted by ${name}.`);
  }
  return { field: name, column: field.sql, name: bare(field.sql), type: field.type, descending };
}

function idKey(def: ListDef<Codecs>, descending: boolean): SortKey {
  return { field: 'id', column: def.id, name: bare(def.id), type: 'ref', descending };
}

function bare(column: string): string {
  return column.slice(column.indexOf('.') + 1);
}

function badSort(field: string, message: string): Problem {
  const code = 'list.bad_sort';
  return new Problem(message, {
    code,
    kind: 'invalid',
    context: { field },
    fields: [{ pointer: '/sort', code, message }],
  });
}
