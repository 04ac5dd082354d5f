import type { Codec } from '../codec.ts';
import type { AnyStatement } from '../statement-facts.ts';
import type { Catalog, Table } from './catalog.ts';
import type { DescribedColumn, Description } from './describe.ts';

const widths = ['smallint', 'integer', 'bigint', 'numeric', 'double precision'];
const texts = new Set(['text', 'character varying', 'character', 'name', 'void']);

/**
 * Says in words where a statement's codecs differ from what the server sees in its text. A column that
 * an outer join, or the table itself, may leave NULL must be declared nullable, unless the text says
 * `is not null` of it; of expressions the server knows nothing, and the code is believed.
 */
export function compare(
  statement: AnyStatement,
  description: Description,
  catalog: Catalog,
): string[] {
  return [
    ...compareParameters(statement, description, catalog),
    ...compareNames(statement, description),
    ...description.columns.flatMap((column) => [...compareColumn(statement, column, catalog)]),
  ];
}

function* compareParameters(
  { order, params }: AnyStatement,
  { parameterTypeIds }: Description,
  { types }: Catalog,
): Iterable<string> {
  if (parameterTypeIds.length !== order.length) {
    yield `has ${order.length} parameters, its text ${parameterTypeIds.length}`;
  }
  for (const [index, name] of order.entries()) {
    const is = types.get(parameterTypeIds[index] ?? 0) ?? 'nothing';
    const declared = params[name]?.type ?? 'nothing';
    if (!fitsParameter(declared, is)) yield `parameter ${name} is ${is}, declared ${declared}`;
  }
}

/** A number of a narrower type has the same text in a wider one. */
function fitsParameter(declared: string, is: string): boolean {
  if (declared === is || (declared === 'text' && texts.has(is))) return true;
  const from = widths.indexOf(declared);
  return from >= 0 && from < widths.indexOf(is);
}

function* compareNames({ row }: AnyStatement, { columns }: Description): Iterable<string> {
  const names = columns.map(({ name }) => name);
  // Nobody reads its rows: it is run for what it does, such as taking a lock.
  if (Object.keys(row).length === 0) return;
  for (const name of new Set(names)) {
    if (names.indexOf(name) !== names.lastIndexOf(name)) yield `column ${name} comes twice`;
    if (!Object.hasOwn(row, name)) yield `column ${name} is not declared`;
  }
  for (const name of Object.keys(row)) {
    if (!names.includes(name)) yield `column ${name} is declared and does not come`;
  }
}

function* compareColumn(
  statement: AnyStatement,
  column: DescribedColumn,
  catalog: Catalog,
): Iterable<string> {
  const { name } = column;
  const codec: Codec<unknown> | undefined = statement.row[name];
  if (codec === undefined) return;
  const is = catalog.types.get(column.typeId) ?? 'nothing';
  const isRead = codec.type === is || (codec.type === 'text' && texts.has(is));
  if (!isRead) yield `column ${name} is ${is}, declared ${codec.type}`;
  const why = codec.nullable ? undefined : whyNull(statement.text, column, catalog);
  if (why !== undefined) yield `column ${name} can be NULL: ${why}`;
}

function whyNull(text: string, column: DescribedColumn, catalog: Catalog): string | undefined {
  const table = catalog.tablesById.get(column.tableId);
  const origin = table?.columns.get(column.columnNumber);
  if (table === undefined || table.kind === 'view' || origin === undefined) return undefined;
  if (saysNotNull(text, origin.name)) return undefined;
  if (!origin.isNotNull) return `${table.name}.${origin.name} is nullable`;
  return isOuterJoined(text, table) ? `${table.name} is outer joined` : undefined;
}

function saysNotNull(text: string, column: string): boolean {
  return new RegExp(String.raw`\b${column}\s+is\s+not\s+null\b`, 'iu').test(text);
}

/** True where the table stands on the nullable side of an outer join anywhere in the text. */
function isOuterJoined(text: string, table: Table): boolean {
  if (/\b(?:full|right)\s+(?:outer\s+)?join\b/iu.test(text)) return true;
  for (const match of text.matchAll(/\bleft\s+(?:outer\s+)?join\s+(?:lateral\s+)?/giu)) {
    const joined = joinedText(text, match.index + match[0].length);
    if (new RegExp(String.raw`(?<![\w.])${table.name}\b`, 'u').test(joined)) return true;
  }
  return false;
}

/** A table's name, the text of a subquery, or that of the common table expression of the name. */
function joinedText(text: string, from: number): string {
  if (text[from] === '(') return balanced(text, from);
  const name = /^[\w."]+/u.exec(text.slice(from))?.[0] ?? '';
  if (name.includes('.')) return name;
  const body = new RegExp(
    String.raw`\b${name}\s*(?:\([^()]*\)\s*)?as\s+(?:(?:not\s+)?materialized\s+)?\(`,
    'iu',
  ).exec(text);
  return body === null ? name : balanced(text, body.index + body[0].length - 1);
}

function balanced(text: string, open: number): string {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0) return text.slice(open, at + 1);
  }
  return text.slice(open);
}
