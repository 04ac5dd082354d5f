import { attempt, type Grant, type Piece } from './attempt.ts';
import { decode, type Decoded } from './decode.ts';
import { hasBlockingDead, laneHead, type Inbound } from './delivery-table.ts';
import { Failures, type Aftermath } from './failure.ts';
import { Lanes, takeUnit, type Lane } from './lanes.ts';
import type { Core } from './needs.ts';
import type { OwnOutbox } from './outbox.ts';
import type { Permits } from './permits.ts';
import type { Live } from './registered.ts';
import { checkMissing, runOne } from './run-one.ts';
import { systemContext } from './system-context.ts';

export interface LeaseNeeds {
  readonly core: Core;
  readonly outbox: OwnOutbox;
  readonly permits: Permits;
  /** Aborted when the process stops waiting for handlers. */
  readonly stop: AbortSignal;
  /** Something ended: there is room for more, or the lease was lost. */
  onProgress(): void;
}

/** One part of one subscription, owned by this process: its lanes, and what of them is in memory. */
export class Lease {
  readonly grant: Grant;
  readonly subscription: Live;
  /** Highest position read: in memory only, so that the index entries of what was handled are not walked again. */
  floor = 0n;
  /** By the process's own clock. */
  renewedMs: number;
  /** It is given up as soon as nothing runs. */
  isLeaving = false;
  isPaused = false;
  isLost = false;
  /** Its broker's queue is not whole: nothing begins until it is. */
  isShut = false;
  readonly #needs: LeaseNeeds;
  readonly #failures: Failures;
  readonly #lanes = new Lanes();
  #queue: Inbound[] = [];
  #running = 0;
  #waiting = 0;
  #units = 0;

  constructor(needs: LeaseNeeds, grant: Grant, subscription: Live) {
    this.#needs = needs;
    this.grant = grant;
    this.subscription = subscription;
    this.renewedMs = needs.core.clock.mono();
    this.#failures = new Failures(needs.core, grant, subscription);
  }

  /** Events in memory. */
  get backlog(): number {
    return this.#queue.length + this.#running + this.#waiting;
  }

  get running(): number {
    return this.#running;
  }

  /** When the first event in memory was published. */
  get oldestAt(): string | undefined {
    return this.#queue[0]?.at;
  }

  offer(rows: readonly Inbound[]): void {
    for (const row of rows) this.#queue.push(row);
    this.#pump();
  }

  /** Its first event is due, or it must not run before it was looked at. */
  block(name: string): void {
    const lane = this.#lanes.of(name);
    lane.isBlocked = true;
    this.#tend(lane);
  }

  /** Looks again at what could not be written down, or waited for the end of a pause. */
  mend(): void {
    for (const lane of this.#lanes.all) if (lane.waiting.length > 0) this.#tend(lane);
    this.#pump();
  }

  /** Drops what its broker sends again; what runs ends. */
  forget(): void {
    this.#queue = [];
    for (const lane of this.#lanes.all) {
      this.#waiting -= lane.waiting.length;
      lane.waiting.length = 0;
    }
  }

  lose(): void {
    this.isLost = true;
    this.#queue = [];
    this.#needs.onProgress();
  }

  get #isIdle(): boolean {
    const isHeld = this.isPaused || this.isLeaving || this.isShut;
    return this.isLost || isHeld || this.#needs.stop.aborted;
  }

  /** Asked after a wait: it may have been lost meanwhile. */
  #isOver(): boolean {
    return this.isLost;
  }

  /** Starts what can run now. */
  #pump(): void {
    const { batchMax, concurrency } = this.subscription;
    const unitsMax = batchMax > 1 ? 1 : concurrency;
    while (!this.#isIdle && this.#units < unitsMax && this.#queue.length > 0) {
      const { unit, rest, behind } = takeUnit(this.#queue, this.#lanes, batchMax);
      this.#queue = rest;
      for (const row of behind) {
        const lane = this.#lanes.of(row.lane);
        this.#wait(lane, row);
        this.#tend(lane);
      }
      if (unit.length === 0) return;
      if (!this.subscription.gate.enter()) {
        this.#queue = [...unit, ...rest];
        return;
      }
      void this.#run(unit);
    }
  }

  #wait(lane: Lane, row: Inbound): void {
    lane.waiting.push(row);
    this.#waiting += 1;
  }

  async #run(unit: readonly Inbound[]): Promise<void> {
    const { core, permits, onProgress } = this.#needs;
    const lanes = [...new Set(unit.map((row) => row.lane))].map((name) => this.#lanes.of(name));
    for (const lane of lanes) lane.isRunning = true;
    this.#running += unit.length;
    this.#units += 1;
    let left: readonly Inbound[] = [];
    try {
      left = await permits.hold(() => this.#runUnit(unit));
    } catch (error) {
      // The table or the broker still has them, and gives them to whoever takes the part next.
      core.log.error('messaging.lease_failed', error, { subscription: this.subscription.name });
      this.lose();
    } finally {
      this.subscription.gate.leave(left.length > 0 ? 'down' : 'passed');
      this.#queue = [...left, ...this.#queue];
      this.#running -= unit.length;
      this.#units -= 1;
      for (const lane of lanes) this.#settle(lane);
      this.#pump();
      onProgress();
    }
  }

  #settle(lane: Lane): void {
    lane.isRunning = false;
    if (!lane.isBlocked) this.#lanes.forget(lane);
    else if (lane.waiting.length > 0) this.#tend(lane);
  }

  /** @returns what could not run, since what it needs is down. */
  async #runUnit(unit: readonly Inbound[]): Promise<readonly Inbound[]> {
    const decoded = unit.map((row) => decode(row, this.subscription.events, this.#oldestIdMs()));
    const pieces = decoded.filter((one) => one.kind === 'ok');
    const isWhole = pieces.length === decoded.length && pieces.length > 1;
    const batch = isWhole ? await this.#runBatch(pieces) : 'apart';
    if (batch !== 'apart') return batch === 'down' ? unit : [];
    for (const [n, one] of decoded.entries()) {
      if (this.isLost || this.#needs.stop.aborted) return [];
      const lane = this.#lanes.of(one.row.lane);
      if (lane.isBlocked) this.#wait(lane, one.row);
      else if (!this.#apply(lane, await this.#runOne(one))) return unit.slice(n);
    }
    return [];
  }

  /** Older ids are forgotten by the inbox: nobody knows whether they were handled. */
  #oldestIdMs(): number {
    const { clock, settings } = this.#needs.core;
    return clock.now() - settings.inboxDays * 86_400_000;
  }

  /** @returns false if it did not run. */
  #apply(lane: Lane, aftermath: Aftermath): boolean {
    if (aftermath === 'lost') this.lose();
    if (aftermath === 'blocked') lane.isBlocked = true;
    return aftermath !== 'down';
  }

  /** `apart`: they run one by one, so that a poisoned one costs its own lane only. */
  async #runBatch(pieces: readonly Piece[]): Promise<'through' | 'down' | 'apart'> {
    const outcome = await attempt({ ...this.#needs, ...this.#mine }, pieces);
    if (outcome.kind === 'down') return 'down';
    if (outcome.kind !== 'done') return outcome.kind === 'stopped' ? 'through' : 'apart';
    const { core, stop } = this.#needs;
    const needs = { core, stop, failures: this.#failures, ...this.#mine };
    const isOurs =
      outcome.missing === 0 || (await checkMissing(needs, outcome.missing, () => this.#isOver()));
    if (!isOurs) this.lose();
    else for (const { row } of pieces) row.carried?.ack();
    return 'through';
  }

  get #mine() {
    return { grant: this.grant, subscription: this.subscription };
  }

  async #runOne(one: Decoded): Promise<Aftermath> {
    const needs = { ...this.#needs, ...this.#mine, failures: this.#failures };
    return runOne(needs, one, () => this.#isOver());
  }

  /** A lane that waits. Run, fail, hold and look-up of one lane never overlap. */
  #tend(lane: Lane): void {
    if (lane.isRunning || this.#isIdle) return;
    lane.isRunning = true;
    this.#running += 1;
    const { core, onProgress } = this.#needs;
    this.#tendUntilCalm(lane)
      .catch((error: unknown) => {
        const { name } = this.subscription;
        core.log.warn('messaging.lane_failed', { subscription: name, error: String(error) });
      })
      .finally(() => {
        this.#running -= 1;
        lane.isRunning = false;
        if (!lane.isBlocked) this.#lanes.forget(lane);
        this.#pump();
        onProgress();
      });
  }

  /** Writes down what came behind, then runs the first for as long as one is due. */
  async #tendUntilCalm(lane: Lane): Promise<void> {
    const { sub, part } = this.grant;
    const place = { sub, part, lane: lane.name };
    while (!this.#isIdle && lane.isBlocked) {
      if (lane.waiting.length > 0) {
        await this.#holdWaiting(lane);
        continue;
      }
      const { database } = this.#needs.core;
      const { blocked } = await database.one(systemContext(), hasBlockingDead, place);
      if (blocked) return;
      const head = await this.#headOf(lane);
      // What came meanwhile is put behind before anything else is decided.
      if (lane.waiting.length > 0) continue;
      if (head === undefined) lane.isBlocked = false;
      else if (!head.ready || !(await this.#runHead(lane, head))) return;
    }
  }

  async #runHead(lane: Lane, head: Inbound): Promise<boolean> {
    const { gate, events } = this.subscription;
    if (!gate.enter()) return false;
    let hasRun = true;
    try {
      const one = decode(head, events);
      hasRun = this.#apply(lane, await this.#needs.permits.hold(() => this.#runOne(one)));
    } finally {
      gate.leave(hasRun ? 'passed' : 'down');
    }
    return hasRun;
  }

  async #holdWaiting(lane: Lane): Promise<void> {
    const rows = [...lane.waiting];
    const held = await this.#failures.hold(lane.name, rows);
    const gone = lane.waiting.splice(0, Math.min(rows.length, lane.waiting.length));
    this.#waiting -= gone.length;
    if (held === 'lost') this.lose();
    else if (held > this.subscription.maxHeldPerKey) await this.#giveWay(lane);
  }

  /** Too many wait: the first of them goes, or a person has to come. */
  async #giveWay(lane: Lane): Promise<void> {
    if (this.subscription.onFull === 'pause') {
      this.isPaused = true;
      await this.#failures.pause();
      return;
    }
    const head = await this.#headOf(lane);
    const error = 'Too many events of its key wait behind it.';
    if (head !== undefined) this.#apply(lane, await this.#failures.bury(head, 'lane-full', error));
  }

  #headOf(lane: Lane) {
    const { sub, part } = this.grant;
    const { database, bound } = this.#needs.core;
    return database.maybe(systemContext(), laneHead, { sub, part, lane: lane.name, bound });
  }
}
