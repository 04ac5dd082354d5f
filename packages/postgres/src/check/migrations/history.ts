import type { AlterTableCmd, ColumnDef, Constraint, Node, TypeName } from 'libpg-query';

import { nameOf, walk, wordsOf } from './syntax.ts';

interface KnownTable {
  /** The migration that made it; undefined where none that was read did. */
  readonly madeIn: string | undefined;
  /** Types by column: `varchar(20)`. */
  readonly columns: Map<string, string>;
  readonly notNull: Set<string>;
  /** Checks that a column is not null, by their names. */
  readonly checks: Map<string, { readonly column: string; validated: boolean }>;
  readonly security: Set<'enabled' | 'forced' | 'policy'>;
}

/** What the statements read so far have made of the schema: as much of it as the rules ask for. */
export class History {
  readonly #tables = new Map<string, KnownTable>();

  table(name: string): KnownTable {
    const known = this.#tables.get(name) ?? emptyTable(undefined);
    this.#tables.set(name, known);
    return known;
  }

  madeIn(migration: string): [name: string, table: KnownTable][] {
    return [...this.#tables].filter(([, table]) => table.madeIn === migration);
  }

  add(node: Node, migration: string): void {
    if ('CreateStmt' in node) this.#create(node.CreateStmt, migration);
    if ('CreateTableAsStmt' in node) {
      this.#tables.set(nameOf(node.CreateTableAsStmt.into?.rel), emptyTable(migration));
    }
    if ('AlterTableStmt' in node) {
      const table = this.table(nameOf(node.AlterTableStmt.relation));
      for (const command of commandsOf(node)) alter(table, command);
    }
    if ('CreatePolicyStmt' in node) {
      this.table(nameOf(node.CreatePolicyStmt.table)).security.add('policy');
    }
  }

  #create({ relation, tableElts = [], inhRelations = [] }: CreateTable, migration: string): void {
    const table = emptyTable(migration);
    for (const parent of inhRelations) {
      if (!('RangeVar' in parent)) continue;
      const { columns, notNull } = this.table(nameOf(parent.RangeVar));
      for (const [name, type] of columns) table.columns.set(name, type);
      for (const name of notNull) table.notNull.add(name);
    }
    for (const element of tableElts) {
      if ('ColumnDef' in element) addColumn(table, element.ColumnDef);
      if ('Constraint' in element && element.Constraint.contype === 'CONSTR_PRIMARY') {
        for (const name of wordsOf(element.Constraint.keys)) table.notNull.add(name);
      }
    }
    this.#tables.set(nameOf(relation), table);
  }
}

type CreateTable = Extract<Node, { CreateStmt: unknown }>['CreateStmt'];

export function commandsOf(node: Node): AlterTableCmd[] {
  const { cmds = [] } = 'AlterTableStmt' in node ? node.AlterTableStmt : {};
  return cmds.flatMap((one) => ('AlterTableCmd' in one ? [one.AlterTableCmd] : []));
}

export function columnOf({ def }: AlterTableCmd): ColumnDef | undefined {
  return def !== undefined && 'ColumnDef' in def ? def.ColumnDef : undefined;
}

export function constraintOf({ def }: AlterTableCmd): Constraint | undefined {
  return def !== undefined && 'Constraint' in def ? def.Constraint : undefined;
}

export function constraintsOf({ constraints = [] }: ColumnDef): Constraint[] {
  return constraints.flatMap((one) => ('Constraint' in one ? [one.Constraint] : []));
}

/** As the server's parser spells it: `int4`, `varchar(20)`. */
export function typeText(type: TypeName | undefined): string {
  const sizes = (type?.typmods ?? []).map((one) =>
    'A_Const' in one ? String(one.A_Const.ival?.ival ?? 0) : '?',
  );
  const array = (type?.arrayBounds ?? []).length > 0 ? '[]' : '';
  return `${wordsOf(type?.names).at(-1) ?? ''}${sizes.length === 0 ? '' : `(${sizes.join(',')})`}${array}`;
}

function emptyTable(madeIn: string | undefined): KnownTable {
  return {
    madeIn,
    columns: new Map(),
    notNull: new Set(),
    checks: new Map(),
    security: new Set(),
  };
}

function addColumn(table: KnownTable, column: ColumnDef): void {
  const { colname = '' } = column;
  table.columns.set(colname, typeText(column.typeName));
  const kinds = new Set(constraintsOf(column).map(({ contype }) => contype));
  if (kinds.has('CONSTR_NOTNULL') || kinds.has('CONSTR_PRIMARY')) {
    table.notNull.add(colname);
  }
}

function alter(table: KnownTable, command: AlterTableCmd): void {
  const { subtype, name = '' } = command;
  if (subtype === 'AT_AlterColumnType') {
    table.columns.set(name, typeText(columnOf(command)?.typeName));
  }
  if (subtype === 'AT_DropColumn') table.columns.delete(name);
  if (subtype === 'AT_EnableRowSecurity') table.security.add('enabled');
  if (subtype === 'AT_ForceRowSecurity') table.security.add('forced');
  if (subtype === 'AT_ValidateConstraint') {
    const check = table.checks.get(name);
    if (check !== undefined) check.validated = true;
  }
  const column = columnOf(command);
  const constraint = constraintOf(command);
  if (subtype === 'AT_AddColumn' && column !== undefined) addColumn(table, column);
  if (constraint !== undefined) addCheck(table, constraint);
}

function addCheck(table: KnownTable, constraint: Constraint): void {
  const { conname = '', raw_expr: expression, skip_validation: isLate = false } = constraint;
  if (expression === undefined || !('NullTest' in expression)) return;
  if (expression.NullTest.nulltesttype !== 'IS_NOT_NULL') return;
  for (const [kind, node] of walk(expression.NullTest.arg)) {
    if (kind !== 'sval' || typeof node !== 'string') continue;
    table.checks.set(conname, { column: node, validated: !isLate });
  }
}
