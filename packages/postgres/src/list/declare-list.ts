import assert from 'node:assert/strict';

import type { Codecs } from '../codec.ts';
import type { ListDef, ListField, ListingOf, ListSearch } from '../listing.ts';
import { parseSort } from './sort.ts';

const tableForm = /^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]* [a-z_][a-z0-9_]*$/u;
const columnForm = /^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*$/u;
const nameForm = /^[a-z][A-Za-z0-9]*$/u;
/** Names of clauses and sort keys that every list has. */
const reserved = new Set(['q', 'id']);

/**
 * Declares a list: what may be sorted, filtered and summed. SQL of lists is composed from this and
 * nothing else; whatever a client sends is a parameter.
 *
 * Asserts when it is loaded that the names fit together; what only the database knows (that sort
 * columns are NOT NULL, that indexes are there) is compared by the check of SQL.
 */
export function list<row extends Codecs>(def: ListDef<row>): ListingOf<row> {
  const at = `list ${def.name}`;
  assert(tableForm.test(def.from), `${at}: from is one table and its alias, "schema.table alias"`);
  const alias = aliasOf(def);
  const isColumn = (text: string) => columnForm.test(text) && text.startsWith(`${alias}.`);
  assert(isColumn(def.id), `${at}: id is a column of ${alias}`);
  for (const [name, field] of Object.entries(def.fields)) {
    assert(nameForm.test(name) && !reserved.has(name), `${at}: ${name} can be a field's name`);
    checkField(`${at}: ${name}`, field, isColumn);
  }
  if (def.q !== undefined) checkSearch(`${at}: q`, def.q, isColumn);
  const listing = { def };
  parseSort(listing, undefined);
  return listing;
}

export function aliasOf(def: Pick<ListDef<Codecs>, 'from'>): string {
  return def.from.slice(def.from.indexOf(' ') + 1);
}

function checkField(at: string, field: ListField, isColumn: (text: string) => boolean): void {
  const plain = typeof field.sql === 'string' && isColumn(field.sql);
  assert(plain || typeof field.sql !== 'string', `${at}: sql is a column of the list's table`);
  assert(plain || field.sort === undefined, `${at}: only a column can be sorted`);
  assert(plain || field.sum === undefined, `${at}: only a column can be summed`);
  assert(field.sum === undefined || isColumn(field.sum), `${at}: sum names the currency's column`);
  assert(field.sum === undefined || field.type === 'money', `${at}: only money is summed`);
  assert(!field.fold || field.type === 'text', `${at}: only text is folded`);
  if (field.search === undefined) return;
  assert(field.type === 'text', `${at}: only text is searched`);
  checkSearch(at, field.search, isColumn);
}

function checkSearch(at: string, search: ListSearch, isColumn: (text: string) => boolean): void {
  assert(columnForm.test(search.function), `${at}: the search is "schema.function"`);
  assert(search.on === undefined || isColumn(search.on), `${at}: on is a column of the table`);
}
