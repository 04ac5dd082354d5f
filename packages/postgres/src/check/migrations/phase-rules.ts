import type { Node } from 'libpg-query';

import { commandsOf } from './history.ts';
import { isExisting, type Finding, type Rule, type Scene } from './rule.ts';
import { nameOf, walk } from './syntax.ts';

/** What belongs to which phase, and what a killed run may repeat. */
export const phaseRules: readonly Rule[] = [
  checkDrop,
  checkRows,
  checkBackfill,
  checkReentrant,
  checkEnum,
  checkBlock,
];

const removed = new Map([
  ['OBJECT_TABLE', 'a table'],
  ['OBJECT_VIEW', 'a view'],
  ['OBJECT_MATVIEW', 'a view'],
  ['OBJECT_SEQUENCE', 'a sequence'],
  ['OBJECT_FUNCTION', 'a function'],
  ['OBJECT_TYPE', 'a type'],
  ['OBJECT_SCHEMA', 'a schema'],
  ['OBJECT_COLUMN', 'a column'],
]);

function* checkDrop(node: Node, { file }: Scene): Iterable<Finding> {
  if (file.phase === 'contract') return;
  const what = removedBy(node);
  if (what === undefined) return;
  yield {
    rule: 'drop-in-contract',
    message: `${what} goes that the version before still uses`,
    instead:
      'keep the old shape beside the new one; remove it in a later release: "-- phase: contract" with "-- after: RELEASE"',
  };
}

function removedBy(node: Node): string | undefined {
  if ('DropStmt' in node) return removed.get(node.DropStmt.removeType ?? '');
  if ('RenameStmt' in node) return removed.get(node.RenameStmt.renameType ?? '');
  if ('AlterObjectSchemaStmt' in node)
    return removed.get(node.AlterObjectSchemaStmt.objectType ?? '');
  return commandsOf(node).some(({ subtype }) => subtype === 'AT_DropColumn')
    ? 'a column'
    : undefined;
}

function* checkRows(node: Node, scene: Scene): Iterable<Finding> {
  if (scene.file.phase === 'backfill') return;
  const table = changedTable(node);
  if (table === undefined || !isExisting(table, scene)) return;
  yield {
    rule: 'backfill-batched',
    message: `the rows of ${table} are changed and held locked in one transaction`,
    instead:
      'a file of its own with "-- phase: backfill" and "-- batch: TABLE", which is done in batches',
  };
}

/** Whose rows it changes, as many as there are. */
function changedTable(node: Node): string | undefined {
  if ('UpdateStmt' in node) return nameOf(node.UpdateStmt.relation);
  if ('DeleteStmt' in node) return nameOf(node.DeleteStmt.relation);
  if ('MergeStmt' in node) return nameOf(node.MergeStmt.relation);
  if (!('InsertStmt' in node)) return undefined;
  const { selectStmt, relation } = node.InsertStmt;
  const reads = [...walk(selectStmt)].some(([kind]) => kind === 'fromClause');
  return reads ? nameOf(relation) : undefined;
}

function* checkBackfill(node: Node, { file }: Scene): Iterable<Finding> {
  if (file.phase !== 'backfill') return;
  const instead =
    'one update, insert, delete or merge that reads the keys of its rows from "batch"; "-- batch: TABLE" at the top';
  const changes = ['UpdateStmt', 'InsertStmt', 'DeleteStmt', 'MergeStmt'].some(
    (kind) => kind in node,
  );
  const reads = [...walk(node)].some(([kind, value]) => kind === 'relname' && value === 'batch');
  if (file.batchTables.length > 0 && changes && reads) return;
  yield { rule: 'backfill-batched', message: 'a backfill is done in batches of rows', instead };
}

function* checkReentrant(node: Node, { file }: Scene): Iterable<Finding> {
  if (file.inTransaction || canRepeat(node)) return;
  yield {
    rule: 're-entrant',
    message:
      'a killed run does it again, and without a transaction it waits for locks as long as it takes',
    instead:
      'outside a transaction only concurrent builds and drops, validations, "if [not] exists" and analyze; all else in a file with one',
  };
}

function canRepeat(node: Node): boolean {
  if ('IndexStmt' in node) return node.IndexStmt.concurrent === true;
  if ('DropStmt' in node) return node.DropStmt.missing_ok === true;
  if ('AlterEnumStmt' in node) return node.AlterEnumStmt.skipIfNewValExists === true;
  if ('ReindexStmt' in node || 'VacuumStmt' in node) return true;
  const commands = commandsOf(node);
  return (
    commands.length > 0 && commands.every(({ subtype }) => subtype === 'AT_ValidateConstraint')
  );
}

function* checkEnum(node: Node): Iterable<Finding> {
  const isRenamed = 'AlterEnumStmt' in node && node.AlterEnumStmt.oldVal !== undefined;
  const isRemoved = 'DeleteStmt' in node && node.DeleteStmt.relation?.relname === 'pg_enum';
  if (!isRenamed && !isRemoved) return;
  yield {
    rule: 'enum-value',
    message: 'the version before still writes the value',
    instead: 'leave it; or text with a check, which can be replaced',
  };
}

function* checkBlock(node: Node): Iterable<Finding> {
  if (!('DoStmt' in node)) return;
  yield {
    rule: 'do-block',
    message: 'what a block does is not seen here',
    instead: 'plain statements',
  };
}
