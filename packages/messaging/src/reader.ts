import { dueHeads, freshMessages, type Inbound } from './delivery-table.ts';
import type { Lease } from './lease.ts';
import { keyOf } from './leases.ts';
import { startLoop, type Loop } from './loop.ts';
import type { Core } from './needs.ts';
import { boundParts } from './binding-table.ts';
import { subscriptionsState } from './subscription-table.ts';
import { systemContext } from './system-context.ts';

const headsMax = 1_000;
/** Of one statement: its rows are decoded in one go, and nothing else runs meanwhile. */
const rowsMax = 1_000;
const leaseRowsMin = 64;
/** Less room than this is not worth a statement, as long as something runs. */
const roomMin = 128;
const idleFactor = 4;

export interface Reader extends Loop {
  /** Something was handled: there may be room for what was left behind. */
  progress(): void;
}

/** Fetches events for the leases, as far as there is room in memory. Two statements, for all leases at once. */
/** @param onUnbound the relay found a queue ill. */
export function startReader(
  core: Core,
  leases: ReadonlyMap<string, Lease>,
  onUnbound: (key: string) => void,
): Reader {
  const { clock, log, settings } = core;
  /** Pauses and due heads are looked for this often: 1 s by default. */
  const headsMs = settings.pollMs * idleFactor;
  let headsAtMs = Number.NEGATIVE_INFINITY;
  let turn = 0;
  let isMore = false;

  async function work(): Promise<boolean> {
    if (clock.mono() - headsAtMs >= headsMs) {
      headsAtMs = clock.mono();
      await readPauses(core, leases, onUnbound);
      await readHeads(core, leases);
    }
    // A broker's messages come by themselves.
    if (core.transport !== undefined) return false;
    turn += 1;
    const before = [...leases.values()].filter(canRead);
    const read = await readFresh(core, before, turn);
    isMore = read.isMore;
    return isMore && read.rows > 0;
  }

  const loop = startLoop({
    clock,
    idleMs: settings.pollMs,
    idleMsMax: headsMs,
    work,
    onError: (error) => log.error('messaging.read_failed', error),
  });
  return {
    ...loop,
    progress() {
      if (isMore) loop.wake();
    },
  };
}

async function readPauses(
  core: Core,
  leases: ReadonlyMap<string, Lease>,
  onUnbound: (key: string) => void,
): Promise<void> {
  const rows = await core.database.many(systemContext(), subscriptionsState, {});
  const paused = new Set(rows.flatMap(({ sub, pausedBy }) => (pausedBy === null ? [] : [sub])));
  for (const lease of leases.values()) lease.isPaused = paused.has(lease.grant.sub);
  if (core.transport === undefined) return;
  const parts = await core.database.many(systemContext(), boundParts, { owner: core.owner });
  for (const part of parts) if (part.bound === null) onUnbound(keyOf(part));
}

/** Retries that are due, and what somebody sent again. */
async function readHeads(core: Core, leases: ReadonlyMap<string, Lease>): Promise<void> {
  const able = [...leases.values()].filter(canRead);
  if (able.length === 0) return;
  const heads = await core.database.many(systemContext(), dueHeads, {
    subs: able.map(({ grant }) => grant.sub),
    parts: able.map(({ grant }) => grant.part),
    rows: headsMax,
    bound: core.bound,
  });
  for (const head of heads) leases.get(keyOf(head))?.block(head.lane);
  for (const lease of able) lease.mend();
}

interface Ask {
  readonly lease: Lease;
  readonly rows: number;
}

interface Read {
  readonly rows: number;
  /** There may be more than was fetched: for want of room, or since a page was full. */
  readonly isMore: boolean;
}

async function readFresh(core: Core, able: readonly Lease[], turn: number): Promise<Read> {
  const used = able.reduce((sum, lease) => sum + lease.backlog, 0);
  const room = Math.min(core.settings.prefetchRows - used, rowsMax);
  if (room < roomMin && used > 0) return { rows: 0, isMore: true };
  const asks = plan(able, turn);
  if (asks.length === 0) return { rows: 0, isMore: able.length > 0 };
  const rows = await core.database.many(systemContext(), freshMessages, {
    subs: asks.map(({ lease }) => lease.grant.sub),
    parts: asks.map(({ lease }) => lease.grant.part),
    floors: asks.map(({ lease }) => lease.floor),
    limits: asks.map((ask) => ask.rows),
    rows: room,
    bound: core.bound,
  });
  // For all of the page at once, and after it: nothing of it was committed later.
  const seen = rows.length === 0 ? undefined : await core.database.positions.newest();
  const events = seen === undefined ? rows : rows.map((row) => ({ ...row, seen }));
  const byLease = Map.groupBy(events, keyOf);
  for (const { lease } of asks) offer(lease, byLease.get(keyOf(lease.grant)) ?? []);
  const isCut = asks.some((ask) => byLease.get(keyOf(ask.lease.grant))?.length === ask.rows);
  const isMore = isCut || rows.length === room || asks.length < able.length;
  return { rows: rows.length, isMore };
}

function offer(lease: Lease, rows: readonly Inbound[]): void {
  const last = rows.at(-1);
  if (last === undefined || lease.isLost) return;
  lease.floor = last.pos;
  lease.offer(rows);
}

/** Who may fetch how much, another first each time. A page is fetched while the one before it runs. */
function plan(leases: readonly Lease[], turn: number): Ask[] {
  const from = leases.length === 0 ? 0 : turn % leases.length;
  return [...leases.slice(from), ...leases.slice(0, from)].flatMap((lease) => {
    const pageRows = Math.max(lease.subscription.batchMax, leaseRowsMin);
    const rows = Math.min(2 * pageRows - lease.backlog, pageRows);
    return rows > 0 ? [{ lease, rows }] : [];
  });
}

const canRead = (lease: Lease) =>
  !lease.isLost && !lease.isPaused && !lease.isLeaving && !lease.isShut;
