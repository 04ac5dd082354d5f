import type { AlterTableCmd, Constraint, Node } from 'libpg-query';

import { columnOf, commandsOf, constraintOf, constraintsOf } from './history.ts';
import { isExisting, type Finding, type Rule, type Scene } from './rule.ts';
import { nameOf } from './syntax.ts';

export const constraintRules: readonly Rule[] = [checkConstraints];

/** These read every row to see that they hold. */
const scanning = new Set(['CONSTR_FOREIGN', 'CONSTR_CHECK', 'CONSTR_NOTNULL']);
/** These build an index. */
const building = new Set(['CONSTR_UNIQUE', 'CONSTR_PRIMARY', 'CONSTR_EXCLUSION']);

function* checkConstraints(node: Node, scene: Scene): Iterable<Finding> {
  if (!('AlterTableStmt' in node)) return;
  const table = nameOf(node.AlterTableStmt.relation);
  if (!isExisting(table, scene)) return;
  for (const command of commandsOf(node)) {
    yield* checkInline(command);
    const constraint = constraintOf(command);
    if (command.subtype === 'AT_AddConstraint' && constraint !== undefined) {
      yield* checkAdded(constraint);
      if (constraint.skip_validation === true) scene.late.add(`${table} ${constraint.conname}`);
    }
    if (command.subtype === 'AT_ValidateConstraint') yield* checkValidated(table, command, scene);
  }
}

/** `add column … check (…)`, `references …` */
function* checkInline(command: AlterTableCmd): Iterable<Finding> {
  const column = columnOf(command);
  if (command.subtype !== 'AT_AddColumn' || column === undefined) return;
  for (const constraint of constraintsOf(column)) {
    if (constraint.contype === 'CONSTR_NOTNULL') continue;
    yield* checkAdded(constraint);
  }
}

function* checkAdded(constraint: Constraint): Iterable<Finding> {
  const { contype = '', conname = 'the constraint', location } = constraint;
  if (scanning.has(contype) && constraint.skip_validation !== true) {
    yield {
      rule: 'constraint-not-valid',
      location,
      message: `every row is read to see that ${conname} holds, with writers locked out`,
      instead: 'add constraint … not valid, and "validate constraint" in a later file',
    };
  }
  if (building.has(contype) && constraint.indexname === undefined) {
    yield {
      rule: 'unique-using-index',
      location,
      message: `${conname} builds its index with all locked out`,
      instead:
        'create unique index concurrently, then "add constraint … unique using index" in a later file',
    };
  }
}

function* checkValidated(
  table: string,
  { name = '' }: AlterTableCmd,
  { file, late }: Scene,
): Iterable<Finding> {
  if (!file.inTransaction || !late.has(`${table} ${name}`)) return;
  yield {
    rule: 'validate-apart',
    message: `the lock of adding ${name} is held while every row is read`,
    instead: 'validate it in a file of its own',
  };
}
