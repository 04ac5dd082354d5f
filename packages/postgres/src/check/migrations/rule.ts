import type { Node } from 'libpg-query';

import type { MigrationFile } from '../../migrate/files.ts';
import type { History } from './history.ts';

/** What a rule found in a statement: the server's word for the harm, and the safe form. */
export interface Finding {
  readonly rule: RuleName;
  readonly message: string;
  readonly instead: string;
  /** Where the statement's own line is not exact enough. */
  readonly location?: number | undefined;
}

/** What the rules know beside the statement. */
export interface Scene {
  readonly file: MigrationFile;
  readonly history: History;
  /** The last release that was made: `0.1.0`. */
  readonly release: string;
  /** Tables of before that this file's transaction has locked wholly, so far. */
  readonly locked: Set<string>;
  /** Constraints that this file added without validating them. */
  readonly late: Set<string>;
}

export type Rule = (node: Node, scene: Scene) => Iterable<Finding>;

export type RuleName = (typeof ruleNames)[number];
export const ruleNames = [
  'phase',
  'contract-after',
  'drop-in-contract',
  'backfill-batched',
  're-entrant',
  'do-block',
  'index-concurrently',
  'concurrently-in-transaction',
  'blocking',
  'one-exclusive-table',
  'column-type',
  'rewrite',
  'not-null-default',
  'volatile-default',
  'set-not-null',
  'constraint-not-valid',
  'validate-apart',
  'unique-using-index',
  'enum-value',
  'tenant-rls',
] as const;

/** True for a table that others read and write while this file runs. */
export function isExisting(name: string, { file, history }: Scene): boolean {
  return history.table(name).madeIn !== file.name;
}
