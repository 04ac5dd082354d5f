import { attempt, type Grant, type Piece } from './attempt.ts';
import { decode, type Decoded } from './decode.ts';
import { hasBlockingDead, laneHead, type MessageRow } from './delivery-table.ts';
import { Failures, type Aftermath } from './failure.ts';
import type { Core } from './needs.ts';
import type { OwnOutbox } from './outbox.ts';
import type { Permits } from './permits.ts';
import type { Registered } from './registered.ts';
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

/** One key: its events run one after another, or wait behind one that failed. */
interface Lane {
  readonly name: string;
  isRunning: boolean;
  isBlocked: boolean;
  /** To be put behind the failed one, in the table. */
  readonly waiting: MessageRow[];
}

/** One part of one subscription, owned by this process: its lanes, and what of them is in memory. */
export class Lease {
  readonly grant: Grant;
  readonly subscription: Registered;
  /** Highest position read: in memory only, so that the index entries of what was handled are not walked again. */
  floor = 0n;
  /** By the process's own clock. */
  renewedMs: number;
  /** It is given up as soon as nothing runs. */
  isLeaving = false;
  isPaused = false;
  isLost = false;
  readonly #needs: LeaseNeeds;
  readonly #failures: Failures;
  readonly #lanes = new Map<string, Lane>();
  #queue: MessageRow[] = [];
  #running = 0;
  #waiting = 0;
  #units = 0;

  constructor(needs: LeaseNeeds, grant: Grant, subscription: Registered) {
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

  offer(rows: readonly MessageRow[]): void {
    for (const row of rows) this.#queue.push(row);
    this.#pump();
  }

  /** Its first event is due, or it must not run before it was looked at. */
  block(name: string): void {
    const lane = this.#laneOf(name);
    lane.isBlocked = true;
    this.#tend(lane);
  }

  /** Looks again at what could not be written down, or waited for the end of a pause. */
  mend(): void {
    for (const lane of this.#lanes.values()) {
      if (lane.waiting.length > 0) this.#tend(lane);
    }
    this.#pump();
  }

  lose(): void {
    this.isLost = true;
    this.#queue = [];
    this.#needs.onProgress();
  }

  get #isIdle(): boolean {
    return this.isLost || this.isPaused || this.isLeaving || this.#needs.stop.aborted;
  }

  /** Asked after a wait: it may have been lost meanwhile. */
  #isOver(): boolean {
    return this.isLost;
  }

  #laneOf(name: string): Lane {
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const lane: Lane = { name, isRunning: false, isBlocked: false, waiting: [] };
    this.#lanes.set(name, lane);
    return lane;
  }

  /** Starts what can run now. */
  #pump(): void {
    const { batchMax, concurrency } = this.subscription;
    const unitsMax = batchMax > 1 ? 1 : concurrency;
    while (!this.#isIdle && this.#units < unitsMax) {
      const unit = this.#takeUnit();
      if (unit.length === 0) return;
      void this.#run(unit);
    }
  }

  /** The first events whose lanes are free, of one tenant, in order for each lane. */
  #takeUnit(): MessageRow[] {
    const unit: MessageRow[] = [];
    const rest: MessageRow[] = [];
    const passed = new Set<string>();
    for (const row of this.#queue) {
      const lane = this.#laneOf(row.lane);
      const isFull = unit.length >= this.subscription.batchMax;
      const isOthers = unit[0] !== undefined && unit[0].tenant !== row.tenant;
      if (lane.isBlocked) {
        this.#wait(lane, row);
        this.#tend(lane);
      } else if (isFull || isOthers || lane.isRunning || passed.has(row.lane)) {
        rest.push(row);
        passed.add(row.lane);
      } else {
        unit.push(row);
      }
    }
    this.#queue = rest;
    return unit;
  }

  #wait(lane: Lane, row: MessageRow): void {
    lane.waiting.push(row);
    this.#waiting += 1;
  }

  async #run(unit: readonly MessageRow[]): Promise<void> {
    const { core, permits, onProgress } = this.#needs;
    const lanes = [...new Set(unit.map((row) => row.lane))].map((name) => this.#laneOf(name));
    for (const lane of lanes) lane.isRunning = true;
    this.#running += unit.length;
    this.#units += 1;
    try {
      await permits.hold(() => this.#runUnit(unit));
    } catch (error) {
      // The table still has them, and gives them to whoever takes the part next.
      core.log.error('messaging.lease_failed', error, { subscription: this.subscription.name });
      this.lose();
    } finally {
      this.#running -= unit.length;
      this.#units -= 1;
      for (const lane of lanes) this.#settle(lane);
      this.#pump();
      onProgress();
    }
  }

  #settle(lane: Lane): void {
    lane.isRunning = false;
    if (!lane.isBlocked) this.#lanes.delete(lane.name);
    else if (lane.waiting.length > 0) this.#tend(lane);
  }

  async #runUnit(unit: readonly MessageRow[]): Promise<void> {
    const decoded = unit.map((row) => decode(row, this.subscription.events));
    const pieces = decoded.filter((one) => one.kind === 'ok');
    const isWhole = pieces.length === decoded.length && pieces.length > 1;
    if (isWhole && (await this.#runBatch(pieces))) return;
    for (const one of decoded) {
      if (this.isLost || this.#needs.stop.aborted) return;
      const lane = this.#laneOf(one.row.lane);
      if (lane.isBlocked) this.#wait(lane, one.row);
      else this.#apply(lane, await this.#runOne(one));
    }
  }

  #apply(lane: Lane, aftermath: Aftermath): void {
    if (aftermath === 'lost') this.lose();
    if (aftermath === 'blocked') lane.isBlocked = true;
  }

  /** True: all are through. Otherwise they run one by one, so that a poisoned one costs its own lane only. */
  async #runBatch(pieces: readonly Piece[]): Promise<boolean> {
    const outcome = await attempt({ ...this.#needs, ...this.#mine }, pieces);
    if (outcome.kind === 'done' && outcome.missing > 0) {
      const { core, stop } = this.#needs;
      const isOurs = await checkMissing(
        { core, stop, failures: this.#failures, ...this.#mine },
        outcome.missing,
        () => this.#isOver(),
      );
      if (!isOurs) this.lose();
    }
    return outcome.kind === 'done' || outcome.kind === 'stopped';
  }

  get #mine() {
    return { grant: this.grant, subscription: this.subscription };
  }

  async #runOne(one: Decoded): Promise<Aftermath> {
    return runOne({ ...this.#needs, ...this.#mine, failures: this.#failures }, one, () =>
      this.#isOver(),
    );
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
        if (!lane.isBlocked) this.#lanes.delete(lane.name);
        this.#pump();
        onProgress();
      });
  }

  /** Writes down what came behind, then runs the first for as long as one is due. */
  async #tendUntilCalm(lane: Lane): Promise<void> {
    const { core, permits } = this.#needs;
    const { sub, part } = this.grant;
    const place = { sub, part, lane: lane.name };
    while (!this.#isIdle && lane.isBlocked) {
      if (lane.waiting.length > 0) {
        await this.#holdWaiting(lane);
        continue;
      }
      const { blocked } = await core.database.one(systemContext(), hasBlockingDead, place);
      if (blocked) return;
      const head = await this.#headOf(lane);
      // What came meanwhile is put behind before anything else is decided.
      if (lane.waiting.length > 0) continue;
      if (head === undefined) lane.isBlocked = false;
      else if (!head.ready) return;
      else {
        const one = decode(head, this.subscription.events);
        this.#apply(lane, await permits.hold(() => this.#runOne(one)));
      }
    }
  }

  async #holdWaiting(lane: Lane): Promise<void> {
    const rows = [...lane.waiting];
    const held = await this.#failures.hold(lane.name, rows);
    lane.waiting.splice(0, rows.length);
    this.#waiting -= rows.length;
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
    const place = { sub, part, lane: lane.name };
    return this.#needs.core.database.maybe(systemContext(), laneHead, place);
  }
}
