import type { Answer, Wire } from './wire/wire.ts';
import { proofColumns } from './hosts/proof.ts';
import { statementId } from './sql.ts';

export interface Scope {
  readonly tenant: string;
  readonly access: 'read' | 'write';
  readonly isolation: 'read committed' | 'repeatable read' | 'serializable';
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs?: number | undefined;
  /** How long it may wait for its caller; the role's setting where undefined. */
  readonly idleTimeoutMs?: number | undefined;
  /** One plan for all tenants: reads of one row by its whole key. */
  readonly plan?: 'generic' | undefined;
  /** Which kind of host serves it. */
  readonly role?: 'primary' | 'replica';
  /**
   * Judges the first answer before any row of a later one reaches the caller: how far the host is, or of a
   * write which timeline it is on. It throws what the caller gets.
   */
  readonly accept?: ((answer: Answer) => void) | undefined;
}

/** Few texts, each prepared once a connection. */
const texts = new Map<string, Wire>();

export function beginWire({ access, isolation }: Scope): Wire {
  return named(`begin isolation level ${isolation} read ${access === 'read' ? 'only' : 'write'}`);
}

export const commitWire = named('commit');
export const rollbackWire = named('rollback');

/** Of a writing transaction, beside the timeline (in a log file's name) and the life of its server. */
export interface Identity {
  readonly id: string;
  readonly walFile: string;
  readonly life: string;
}

/** @param row the first columns of a writing transaction's scope. */
export function identityOf([id, walFile, life]: readonly unknown[]): Identity | undefined {
  if (typeof id !== 'string' || typeof walFile !== 'string') return undefined;
  return { id, walFile, life: String(life) };
}

/**
 * Changes when the server recovers from a crash, which throws its statistics away: ids of transactions whose log had
 * not reached the disk are then given again, on the same timeline.
 */
export const serverLife = '(select stats_reset::text from pg_stat_wal)';

/**
 * Names the tenant for this transaction only, so that it holds behind a pooler. A writing transaction also
 * learns its id, the timeline and the server's life: by them a lost commit is resolved.
 */
export function scopeWire(scope: Scope, isAlone = false): Wire {
  const values = [String(scope.statementTimeoutMs)];
  const settings = [`set_config('statement_timeout', $1, true)`];
  // Without BEGIN, nothing else says that it only reads.
  if (isAlone) settings.push(`set_config('transaction_read_only', 'on', true)`);
  const add = (name: string, value: string) => {
    values.push(value);
    settings.push(`set_config('${name}', $${values.length}, true)`);
  };
  if (scope.tenant !== 'none') add('app.tenant', scope.tenant);
  if (scope.lockTimeoutMs !== undefined) add('lock_timeout', String(scope.lockTimeoutMs));
  if (scope.idleTimeoutMs !== undefined) {
    add('idle_in_transaction_session_timeout', String(scope.idleTimeoutMs));
  }
  if (scope.plan === 'generic') add('plan_cache_mode', 'force_generic_plan');
  if (isProvenInside(scope)) settings.unshift(...proofColumns);
  if (scope.access === 'write') {
    settings.unshift(
      'pg_current_xact_id()',
      'pg_walfile_name(pg_current_wal_insert_lsn())',
      serverLife,
    );
  }
  return { ...named(`select ${settings.join(', ')}`), values };
}

/** What every read on a lane has in common, set once for its session. */
export const laneSettings: Readonly<Record<string, string>> = {
  default_transaction_read_only: 'on',
  plan_cache_mode: 'force_generic_plan',
  statement_timeout: '1000',
};
export const laneTimeoutMs = 1_000;

const tenantSetting = `set_config('app.tenant', $1, true)`;
const laneTenant = named(`select ${tenantSetting}`);
const laneProof = named(`select ${[...proofColumns, tenantSetting].join(', ')}`);

/**
 * What is left to say on a lane that has its settings: whose rows, and how far the host is. Undefined without a
 * tenant: a neighbour's would stand.
 */
export function laneScopeWire(scope: Scope): Wire | undefined {
  if (scope.tenant === 'none') return undefined;
  const { text, name } = isProvenInside(scope) ? laneProof : laneTenant;
  return { text, name, values: [scope.tenant] };
}

function named(text: string): Wire {
  const known = texts.get(text);
  if (known !== undefined) return known;
  const wire = { text, name: statementId(text) };
  texts.set(text, wire);
  return wire;
}

/** A snapshot of a whole transaction is taken by its first statement: there the proof must come before BEGIN. */
export function isProvenInside({ access, accept, isolation }: Scope): boolean {
  return access === 'read' && accept !== undefined && isolation === 'read committed';
}
