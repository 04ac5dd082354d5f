import type { AlterTableCmd, ColumnDef, Constraint, Node } from 'libpg-query';

import { columnOf, commandsOf, constraintsOf, typeText } from './history.ts';
import { isExisting, type Finding, type Rule, type Scene } from './rule.ts';
import { nameOf, walk, wordsOf } from './syntax.ts';

/** Columns of a table that is in use: what rewrites it, scans it locked, or breaks who does not know the column. */
export const columnRules: readonly Rule[] = [checkColumns];

function* checkColumns(node: Node, scene: Scene): Iterable<Finding> {
  if (!('AlterTableStmt' in node)) return;
  const table = nameOf(node.AlterTableStmt.relation);
  if (!isExisting(table, scene)) return;
  for (const command of commandsOf(node)) {
    const { subtype } = command;
    const column = columnOf(command);
    if (subtype === 'AT_AddColumn' && column !== undefined) yield* checkNew(column);
    if (subtype === 'AT_AlterColumnType') yield* checkType(table, command, scene);
    if (subtype === 'AT_SetNotNull') yield* checkNotNull(table, command, scene);
  }
}

function* checkNew(column: ColumnDef): Iterable<Finding> {
  const { colname = '', location } = column;
  const constraints = constraintsOf(column);
  const find = (kind: Constraint['contype']) => constraints.find(({ contype }) => contype === kind);
  const byDefault = find('CONSTR_DEFAULT');
  const isMade = find('CONSTR_IDENTITY') ?? find('CONSTR_GENERATED');
  const isSerial = /^(?:small|big)?serial\d?$/u.test(typeText(column.typeName));
  if (isMade !== undefined && isMade.generated_kind !== 'v') {
    yield {
      rule: 'rewrite',
      location,
      message: `${colname} has to be written into every row while all others wait`,
      instead: 'a plain column, written by the product and by a trigger, filled by a backfill',
    };
  }
  if (find('CONSTR_NOTNULL') !== undefined && byDefault === undefined && isMade === undefined) {
    yield {
      rule: 'not-null-default',
      location,
      message: `a table with rows refuses ${colname}, and so does every insert of the version before`,
      instead: `${colname} … not null default CONSTANT, or nullable now and set not null after a backfill`,
    };
  }
  if (isSerial || hasVolatile(byDefault)) {
    yield {
      rule: 'volatile-default',
      location,
      message: `its default differs by row: every row is written while all others wait`,
      instead: 'add the column without it, then "alter column … set default", then a backfill',
    };
  }
}

/** Stable at most: the server writes them once for all rows that are there. */
const lasting = new Set(
  'now transaction_timestamp statement_timestamp current_setting lower upper make_interval to_date'.split(
    ' ',
  ),
);

function hasVolatile(byDefault: Constraint | undefined): boolean {
  for (const [kind, node] of walk(byDefault?.raw_expr)) {
    if (kind !== 'funcname' || !Array.isArray(node)) continue;
    if (!lasting.has(wordsOf(node).at(-1) ?? '')) return true;
  }
  return false;
}

function* checkType(table: string, command: AlterTableCmd, { history }: Scene): Iterable<Finding> {
  const { name = '' } = command;
  const column = columnOf(command);
  const before = history.table(table).columns.get(name) ?? 'unknown';
  const after = typeText(column?.typeName);
  if (isWider(before, after)) return;
  yield {
    rule: 'column-type',
    location: column?.location,
    message: `${name} from ${before} to ${after} rewrites the table with all locked out, and is another type to the version before`,
    instead:
      'a new column, written beside the old one, filled by a backfill; the old one goes in a later release',
  };
}

/** The only changes that touch no row: `varchar(10)` to `varchar(20)`, `varchar` or `text`; `numeric(8,2)` to `numeric(10,2)`. */
function isWider(before: string, after: string): boolean {
  const from = partsOf(before);
  const to = partsOf(after);
  const isGrown = to.size >= from.size;
  if (texts.has(from.name) && texts.has(to.name)) return isGrown;
  const areNumeric = from.name === 'numeric' && to.name === 'numeric';
  return areNumeric && isGrown && (from.scale === to.scale || to.size === Infinity);
}

const texts = new Set(['varchar', 'text']);

/** Without a size it is as wide as one likes. */
function partsOf(type: string): { name: string; size: number; scale: string } {
  const [, name = '', size, scale = ''] = /^(\w+)(?:\((\d+)(?:,(\d+))?\))?$/u.exec(type) ?? [];
  return { name, size: size === undefined ? Infinity : Number(size), scale };
}

function* checkNotNull(
  table: string,
  command: AlterTableCmd,
  { history }: Scene,
): Iterable<Finding> {
  const { name = '' } = command;
  const checks = [...history.table(table).checks.values()];
  if (checks.some(({ column, validated }) => column === name && validated)) return;
  yield {
    rule: 'set-not-null',
    message: `the whole table is read to see that ${name} has no null, with all locked out`,
    instead: `add constraint … check (${name} is not null) not valid; validate it in a later file; then set not null`,
  };
}
