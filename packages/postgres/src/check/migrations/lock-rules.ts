import type { Node } from 'libpg-query';

import { commandsOf } from './history.ts';
import { isExisting, type Finding, type Rule, type Scene } from './rule.ts';
import { nameOf, wordsOf } from './syntax.ts';

/** Where writers, or readers too, would wait for longer than an instant. */
export const lockRules: readonly Rule[] = [
  checkIndex,
  checkConcurrently,
  checkBlocking,
  checkExclusive,
];

function* checkIndex(node: Node, scene: Scene): Iterable<Finding> {
  if (!('IndexStmt' in node) || node.IndexStmt.concurrent === true) return;
  const table = nameOf(node.IndexStmt.relation);
  if (!isExisting(table, scene)) return;
  yield {
    rule: 'index-concurrently',
    message: `building an index keeps all writers of ${table} waiting until it is done`,
    instead: `create index concurrently if not exists …, in a file of its own with "-- transaction: off"`,
  };
}

function* checkConcurrently(node: Node, { file }: Scene): Iterable<Finding> {
  if (!file.inTransaction || !isConcurrent(node)) return;
  yield {
    rule: 'concurrently-in-transaction',
    message: 'the server refuses it inside a transaction',
    instead: 'put it into a file of its own with "-- transaction: off" at the top',
  };
}

function isConcurrent(node: Node): boolean {
  if ('IndexStmt' in node) return node.IndexStmt.concurrent === true;
  if ('DropStmt' in node) return node.DropStmt.concurrent === true;
  if ('RefreshMatViewStmt' in node) return false;
  if ('ReindexStmt' in node) return hasOption(node.ReindexStmt.params, 'concurrently');
  return commandsOf(node).some(
    ({ def }) => def !== undefined && 'PartitionCmd' in def && def.PartitionCmd.concurrent === true,
  );
}

function hasOption(options: readonly Node[] | undefined, name: string): boolean {
  return (options ?? []).some((one) => 'DefElem' in one && one.DefElem.defname === name);
}

function* checkBlocking(node: Node, scene: Scene): Iterable<Finding> {
  const found = blockingOf(node, scene);
  if (found === undefined) return;
  const [message, instead] = found;
  yield { rule: 'blocking', message, instead };
}

/** What it does to others, and what to do instead. */
function blockingOf(node: Node, scene: Scene): readonly [string, string] | undefined {
  if ('TruncateStmt' in node)
    return ['it locks out readers and empties', 'delete in batches: "-- phase: backfill"'];
  if ('ClusterStmt' in node)
    return ['it rewrites the table with all locked out', 'an index of the wanted order'];
  if ('LockStmt' in node)
    return [
      'a lock by hand is held to the end of the transaction',
      'let each statement take its own',
    ];
  if ('VacuumStmt' in node && hasOption(node.VacuumStmt.options, 'full')) {
    return [
      'it rewrites the table with all locked out',
      'vacuum without full, or a copy in batches',
    ];
  }
  if ('ReindexStmt' in node && !hasOption(node.ReindexStmt.params, 'concurrently')) {
    return ['it keeps writers waiting', 'reindex … concurrently, with "-- transaction: off"'];
  }
  if ('RefreshMatViewStmt' in node && node.RefreshMatViewStmt.concurrent !== true) {
    const isOurs = !isExisting(nameOf(node.RefreshMatViewStmt.relation), scene);
    return isOurs
      ? undefined
      : ['readers wait until it is done', 'refresh materialized view concurrently'];
  }
  return undefined;
}

function* checkExclusive(node: Node, scene: Scene): Iterable<Finding> {
  if (!scene.file.inTransaction) return;
  for (const table of lockedBy(node)) {
    if (!isExisting(table, scene) || scene.locked.has(table)) continue;
    const first = scene.locked.values().next().value;
    scene.locked.add(table);
    if (first === undefined) continue;
    yield {
      rule: 'one-exclusive-table',
      message: `${table} is locked while ${first} still is: readers of both wait, and two such can wait for each other`,
      instead: 'one file for each table',
    };
  }
}

/** These take less than ACCESS EXCLUSIVE. */
const lesser = new Set([
  'AT_ValidateConstraint',
  'AT_SetStatistics',
  'AT_SetOptions',
  'AT_ResetOptions',
  'AT_SetRelOptions',
  'AT_ResetRelOptions',
  'AT_AttachPartition',
  'AT_EnableTrig',
  'AT_DisableTrig',
  'AT_ClusterOn',
]);

function* lockedBy(node: Node): Iterable<string> {
  if ('AlterTableStmt' in node) {
    const isWhole = commandsOf(node).some(({ subtype = '' }) => !lesser.has(subtype));
    if (isWhole) yield nameOf(node.AlterTableStmt.relation);
  }
  if ('CreatePolicyStmt' in node) yield nameOf(node.CreatePolicyStmt.table);
  if ('AlterPolicyStmt' in node) yield nameOf(node.AlterPolicyStmt.table);
  if ('RenameStmt' in node && node.RenameStmt.relation !== undefined) {
    yield nameOf(node.RenameStmt.relation);
  }
  if ('DropStmt' in node && node.DropStmt.removeType === 'OBJECT_TABLE') {
    for (const one of node.DropStmt.objects ?? []) {
      if ('List' in one) yield wordsOf(one.List.items).join('.');
    }
  }
}
