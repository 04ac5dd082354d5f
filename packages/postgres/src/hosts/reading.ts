import type { Clock, Position, PositionSession } from '@plinth/core';

import type { Context } from '../context.ts';
import type { ReadOptions } from '../database.ts';
import { unavailableProblem } from '../errors.ts';
import { normalise, parseLsn, timelineOf } from '../position.ts';
import { statementId } from '../sql.ts';
import type { Answer, Wire } from '../wire/wire.ts';
import type { Host } from './host.ts';
import type { Hosts } from './hosts.ts';
import { proofOf, proofWire, type Proof } from './proof.ts';
import { behind, leastLoaded, type Route, type Seat } from './seat.ts';

export interface ReadingNeeds {
  readonly hosts: Hosts;
  readonly clock: Clock;
  /** The server for reports, where there is one that follows. */
  reporting(): Host | undefined;
  readonly cluster: string;
  /** How long a session waits for a replica. */
  readonly waitMs: number;
  /** Reads that no replica could serve, at most so many at once at the primary. */
  readonly fallbacksMax: number;
  readonly fallbacks: { count: number };
  /** Sessions whose last commit has no known position: they read at the primary until then. */
  readonly pins: WeakMap<PositionSession, number>;
  onRoute(route: Route): void;
  onLost(position: Position, why: 'lost' | 'unknown'): void;
}

export interface Wish {
  readonly consistency?: ReadOptions['consistency'] | undefined;
  readonly target?: ReadOptions['target'] | undefined;
}

const pausesMs = [0, 1, 2, 4, 8] as const;
/** A guess that is further off costs the query for nothing: then only the position is asked. */
const nearBytes = 65_536n;
/** Past the wait for a replica, a read that finds no place at the primary waits so much longer. */
const fallbackWaits = 4;
const lateProofsMax = 3;
const lateProofMs = 1_000;
const askTimeoutMs = 500;
export const pinMs = 1_000;
/** On a replica a commit can be seen just before its replay is counted, and never before it was received. */
const seenText = `select case when pg_is_in_recovery()
  then greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) else pg_current_wal_insert_lsn() end::text,
  case when not pg_is_in_recovery() then pg_walfile_name(pg_current_wal_insert_lsn()) end`;
const seenWire: Wire = { name: statementId(seenText), text: seenText, values: [] };

/** The way of one read over the hosts of a cluster, until one of them can show what it must. */
export class Reading {
  readonly #needs: ReadingNeeds;
  readonly #context: Context;
  readonly #consistency: NonNullable<ReadOptions['consistency']>;
  readonly #isReport: boolean;
  readonly #excluded = new Set<Host>();
  #startedMs: number;
  #token: Position | undefined;
  #isJudged = false;
  /** The highest timeline when a write was judged. */
  #judgedAt = 0;
  #isPinned = false;
  #isRenewed = false;
  #tries = 0;

  constructor(needs: ReadingNeeds, context: Context, o: Wish = {}) {
    this.#needs = needs;
    this.#context = context;
    this.#consistency = o.consistency ?? 'session';
    this.#isReport = o.target === 'reporting';
    this.#startedMs = needs.clock.mono();
  }

  /** A replica that failed or gave up on conflicts with replay is not asked again. */
  exclude(host: Host): void {
    this.#excluded.add(host);
  }

  /** @throws {Problem} `postgres.unavailable`, `postgres.read_only`, `postgres.split_brain` */
  next(): Seat | Promise<Seat> {
    const { only } = this.#needs.hosts;
    return only === undefined ? this.#choose() : this.#sit(only, 'primary');
  }

  async #choose(): Promise<Seat> {
    const { hosts } = this.#needs;
    await hosts.ready();
    if (!this.#isJudged) await this.#judge();
    if (this.#isPinned) return this.#atPrimary('primary');
    for (;;) {
      const found = this.#candidates();
      if (found.length === 0) return this.#atPrimary('primary');
      const [first] = found;
      if (first?.isPrimary === true) return this.#sit(first, 'primary', this.#token?.lsn);
      const seat = await this.#among(found);
      if (seat !== undefined) return seat;
    }
  }

  /** A write that replaced a lost position in silence would let later reads step back untold. */
  async judgeBeforeWrite(): Promise<void> {
    const { highest } = this.#needs.hosts.timelines;
    if (this.#judgedAt === highest) return;
    this.#judgedAt = highest;
    await this.#judge();
  }

  /** After a read: later ones are not older than what it may have seen. */
  async remember(host: Host): Promise<void> {
    const { cluster, pins, clock } = this.#needs;
    const { position, signal } = this.#context;
    const { answers } = await host.pool.batch([seenWire], { signal, timeoutMs: askTimeoutMs });
    const [lsn, walFile] = answers[0]?.rows[0] ?? [];
    if (typeof lsn !== 'string') {
      pins.set(position, clock.mono() + pinMs);
      return;
    }
    const timeline = typeof walFile === 'string' ? timelineOf(walFile) : host.timeline;
    position.advance({ cluster, timeline, lsn: normalise(parseLsn(lsn)) });
  }

  async #judge(): Promise<void> {
    const { hosts, cluster, clock, pins } = this.#needs;
    const { position, tenant } = this.#context;
    this.#isJudged = true;
    const isStrong = this.#consistency === 'strong' || position.reads === 'primary';
    const isUnknown = (pins.get(position) ?? 0) > clock.mono();
    this.#isPinned = isStrong || isUnknown || tenant === 'none';
    const follows = this.#consistency === 'session' || this.#consistency === 'monotonic';
    const token = follows && !this.#isPinned ? position.get(cluster) : undefined;
    if (token !== undefined && !hosts.isAbsurd(token)) await this.#judgeToken(token);
  }

  async #judgeToken(token: Position): Promise<void> {
    const { hosts, onLost } = this.#needs;
    const { timelines } = hosts;
    this.#token = token;
    if (timelines.judge(token) === 'ahead') {
      await hosts.untilTimeline(token.timeline, this.#context);
    }
    const standing = timelines.judge(token);
    this.#isPinned = standing !== 'current' && standing !== 'kept';
    if (standing !== 'lost' && standing !== 'unknown') return;
    onLost(token, standing);
    this.#context.position.lose?.();
    this.#isRenewed = true;
  }

  #candidates(): readonly Host[] {
    const { hosts, reporting } = this.#needs;
    const own = this.#isReport ? reporting() : undefined;
    if (own !== undefined && this.#suits(own)) return [own];
    return hosts.readers().filter((host) => this.#suits(host));
  }

  #suits(host: Host): boolean {
    if (this.#excluded.has(host)) return false;
    const consistency = this.#consistency;
    if (typeof consistency !== 'object' || host.isPrimary) return true;
    return (host.lagMs ?? Infinity) <= consistency.maxLagMs;
  }

  /** One of the replicas, or undefined when they are to be looked at again. */
  async #among(found: readonly Host[]): Promise<Seat | undefined> {
    const token = this.#token;
    if (token === undefined) return this.#sit(leastLoaded(found), 'replica');
    const reached = found.filter(({ position }) => position >= token.lsn);
    if (reached.length > 0) {
      const route = this.#tries === 0 ? 'replica' : 'waited';
      return this.#sit(leastLoaded(reached), route, token.lsn);
    }
    const { clock, waitMs } = this.#needs;
    if (clock.mono() - this.#startedMs >= waitMs) {
      if (found[0]?.isReporting !== true) return this.#fallBack();
      this.#leaveOut(found[0]);
      return undefined;
    }
    const pauseMs = pausesMs[Math.min(this.#tries >> 1, pausesMs.length - 1)] ?? 0;
    if (pauseMs > 0) await clock.sleep(pauseMs, this.#context.signal);
    const ahead = found.toSorted((a, b) => (a.position < b.position ? 1 : -1)).slice(0, 2);
    const host = ahead[this.#tries % ahead.length] ?? found[0];
    this.#tries += 1;
    if (host === undefined) return undefined;
    if (token.lsn - host.position <= nearBytes) return this.#sit(host, 'waited', token.lsn);
    await this.#ask(host);
    return undefined;
  }

  /** The server for reports is behind: then it is a read as any other. */
  #leaveOut(host: Host): void {
    this.exclude(host);
    this.#startedMs = this.#needs.clock.mono();
    this.#tries = 0;
  }

  async #ask(host: Host): Promise<void> {
    const { signal } = this.#context;
    try {
      const { answers } = await host.pool.batch([proofWire], { signal, timeoutMs: askTimeoutMs });
      const proof = answers[0] === undefined ? undefined : proofOf(answers[0]);
      if (proof !== undefined) host.reached(proof.lsn);
      else this.#needs.hosts.failed(host, 'lost');
    } catch {
      this.exclude(host);
    }
  }

  /** All replicas are behind: the primary serves a share, so that a stalled one cannot drown it. */
  async #fallBack(): Promise<Seat | undefined> {
    const { clock, waitMs, fallbacks, fallbacksMax } = this.#needs;
    if (fallbacks.count < fallbacksMax) return this.#atPrimary('fallback');
    if (clock.mono() - this.#startedMs >= waitMs * (1 + fallbackWaits)) {
      throw unavailableProblem(
        'The replicas are behind, and the primary serves enough in their place.',
      );
    }
    await clock.sleep(pausesMs[4], this.#context.signal);
    for (const host of this.#candidates()) await this.#ask(host);
    return undefined;
  }

  async #atPrimary(route: Route): Promise<Seat> {
    const { hosts, fallbacks } = this.#needs;
    if (route === 'fallback') fallbacks.count += 1;
    try {
      const host = await hosts.primary(this.#context);
      return this.#sit(host, route, this.#isRenewed ? undefined : this.#token?.lsn);
    } catch (error) {
      if (route === 'fallback') fallbacks.count -= 1;
      throw error;
    }
  }

  #sit(host: Host, route: Route, least?: bigint): Seat {
    const { clock, hosts, fallbacks, onRoute } = this.#needs;
    const startedMs = clock.mono();
    let isRefused = false;
    host.inFlight += 1;
    const isProven = hosts.only === undefined;
    const mustLead = route === 'primary' || route === 'fallback';
    const accept = (answer: Answer) => {
      const proof = proofOf(answer);
      if (proof !== undefined && this.#fits(host, proof, { least, mustLead })) return;
      isRefused = true;
      throw behind(host);
    };
    return {
      host,
      route,
      accept: isProven ? accept : undefined,
      get isRefused() {
        return isRefused;
      },
      release() {
        host.inFlight -= 1;
        host.took(clock.mono() - startedMs);
        if (route === 'fallback') fallbacks.count -= 1;
        if (!isRefused) onRoute(route);
      },
    };
  }

  #fits(
    host: Host,
    proof: Proof,
    { least, mustLead }: { least: bigint | undefined; mustLead: boolean },
  ): boolean {
    const { hosts, clock, cluster } = this.#needs;
    const isNewer = (proof.timeline ?? 0) > hosts.timelines.highest;
    if (proof.isStandby === mustLead || isNewer) {
      hosts.failed(host, 'read-only');
      return false;
    }
    host.reached(proof.lsn);
    if (this.#isRenewed && proof.timeline !== undefined) {
      this.#context.position.advance({ cluster, timeline: proof.timeline, lsn: proof.lsn });
    }
    if (least === undefined || proof.lsn >= least) return true;
    // The guess was wrong, or the server was made anew: what it says now counts.
    host.position = proof.lsn;
    const isLate = clock.mono() - this.#startedMs > lateProofMs;
    host.lateProofs += isLate || (host.lagMs ?? 0) > lateProofMs ? 1 : 0;
    if (host.lateProofs >= lateProofsMax) host.isLate = true;
    return false;
  }
}
