import type { Codecs } from '../codec.ts';
import { sqlTypes } from '../list/operators.ts';
import type { ListDef, ListField } from '../listing.ts';
import type { Catalog, Column, Table } from './catalog.ts';
import { isTenantTable } from './schema-faults.ts';

/** What a list needs of the database beside statements that fit: columns, indexes, search functions. */
export function* findListFaults(def: ListDef<Codecs>, catalog: Catalog): Iterable<string> {
  const [tableName = ''] = def.from.split(' ');
  const table = catalog.tables.get(tableName);
  if (table === undefined) {
    yield `${tableName} is not there`;
    return;
  }
  if (!isTenantTable(table)) yield `${tableName} is no table of tenants`;
  const id = columnOf(table, def.id);
  if (id?.type !== 'uuid' || !id.isNotNull) yield `${def.id} is not a uuid that is NOT NULL`;
  for (const [name, field] of Object.entries(def.fields)) {
    for (const fault of fieldFaults(def, table, field, catalog)) yield `field ${name}: ${fault}`;
    if (field.search !== undefined) yield* searchFaults(field.search.function, catalog);
  }
  if (def.q !== undefined) yield* searchFaults(def.q.function, catalog);
}

function* fieldFaults(
  def: ListDef<Codecs>,
  table: Table,
  field: ListField,
  catalog: Catalog,
): Iterable<string> {
  if (typeof field.sql !== 'string') return;
  const column = columnOf(table, field.sql);
  if (column === undefined) {
    yield `${field.sql} is not there`;
    return;
  }
  if (!isOfType(field, column.type)) yield `${field.sql} is ${column.type}, declared ${field.type}`;
  if (field.sort === undefined) return;
  if (!column.isNotNull) yield `${field.sql} is sorted and can be NULL`;
  if (field.sort === true) return;
  const wanted = field.sort.index;
  const keys = ['tenant_id', column.name, columnOf(table, def.id)?.name ?? ''];
  const index = catalog.indexes.find(({ name }) => name === wanted);
  if (index?.table !== table.name || keys.some((key, at) => index.columns[at] !== key)) {
    yield `there is no index ${wanted} on ${table.name} (${keys.join(', ')})`;
  }
}

function columnOf(table: Table, sql: string): Column | undefined {
  const name = sql.slice(sql.indexOf('.') + 1);
  return [...table.columns.values()].find((column) => column.name === name);
}

const integers = new Set(['smallint', 'integer', 'bigint']);

function isOfType({ type }: ListField, is: string): boolean {
  if (type === 'number' || type === 'money') return integers.has(is);
  if (type === 'text') return is === 'text' || is === 'character varying';
  return is === sqlTypes[type];
}

function* searchFaults(name: string, { functions }: Catalog): Iterable<string> {
  const found = functions.find((one) => one.name === name);
  if (found === undefined) {
    yield `the search ${name} is not there`;
    return;
  }
  const { args, returns, owner, isDefiner } = found;
  if (!/^\w+ text, \w+ integer$/u.test(args) || returns !== 'SETOF uuid') {
    yield `the search ${name}(${args}) returns ${returns}; it must take text, integer and return setof uuid`;
  }
  if (!isDefiner || owner !== 'plinth_search') {
    yield `the search ${name} is no security definer function of plinth_search`;
  }
}
