import { randomInt } from 'node:crypto';

import type { Clock, Log, Position } from '@plinth/core';

import type { Connection } from '../connection.ts';
import { cancelledProblem, draining, unavailableProblem } from '../errors.ts';
import type { HostPool } from '../host-pool.ts';
import { eligible } from './attributes.ts';
import { Host } from './host.ts';
import type { DatabaseUrl, HostUrl } from './host-url.ts';
import { LagClock } from './lag.ts';
import { findLeader, splitBrain, withoutPrimary, type Caller } from './leader.ts';
import type { Facts } from './probe.ts';
import { Probes } from './probes.ts';
import { rank } from './rank.ts';
import { Timelines } from './timelines.ts';
import { recordTimelines } from './timeline-table.ts';

export interface HostsOptions {
  readonly url: DatabaseUrl;
  readonly clock: Clock;
  readonly log: Log;
  /** Writers wait so long for a primary. */
  readonly failoverMs: number;
  /** A replica that is later serves nothing until it is half as late. */
  readonly maxLagMs: number;
  /** Asked with `{host}` replaced; 200 says that it leads. For two primaries of one timeline. */
  readonly primaryHint: string | undefined;
  createPool(host: HostUrl): HostPool;
  open(url: string): Promise<Connection>;
}

const probeEveryMs = 1_000;
const seekEveryMs = 100;
/** So long a server that leads since now waits for what the others say. */
const answerMs = 50;
/** A process that slept asks before it writes to what it knew. */
const primaryKnownMs = 3_000;
const waitersMax = 200;
const positionAheadMax = 1n << 30n;

/** The servers of one cluster: who is what, how far each is, and which one takes writes. */
export class Hosts {
  readonly all: readonly Host[];
  readonly timelines = new Timelines();
  readonly #options: HostsOptions;
  readonly #probes: Probes;
  readonly #lag = new LagClock();
  #systemId: string | undefined;
  #primary: Host | undefined;
  #isSplit = false;
  #waiters = 0;
  #first: Promise<void> | undefined;
  #stopLoop: (() => void) | undefined;
  #seeking: Promise<void> | undefined;
  #woken = Promise.withResolvers<void>();
  #isClosed = false;
  /** The timeline that was last written down. */
  #recorded = 0;
  #turn = 0;

  constructor(options: HostsOptions) {
    this.#options = options;
    const { url } = options;
    this.all = url.hosts.map((one) => new Host(one, options.createPool(one)));
    this.#probes = new Probes({
      ...options,
      hosts: this.all,
      onHeard: (_, facts) => this.#heard(facts),
      onOffline: (host) => this.#forget(host),
    });
  }

  /** The one host of a URL that names one: it is not probed, and serves all. */
  get only(): Host | undefined {
    return this.all.length === 1 ? this.all[0] : undefined;
  }

  /** Set by the connections of a single host, on their way. */
  get systemId(): string {
    return this.#systemId ?? '';
  }

  identify(systemId: string): void {
    this.#systemId ??= systemId;
  }

  /** Where writes go, or went last: for connections that are opened again by themselves. */
  get primaryUrl(): string {
    return (this.#primary ?? this.all[0])?.url ?? '';
  }

  /** Knows of each host once they were all asked. */
  async ready(): Promise<void> {
    if (this.#isClosed) throw draining();
    if (this.#first === undefined) {
      const { clock } = this.#options;
      this.#first = this.probeAll();
      this.#stopLoop = clock.every(probeEveryMs, () => this.probeAll(), { jitterRatio: 0.1 });
    }
    await this.#first;
  }

  /**
   * Where writes go. While there is none it is looked for, and the caller waits.
   *
   * @throws {Problem} `postgres.read_only` when the time is up and a replica answers, else
   *   `postgres.unavailable`; `postgres.split_brain`
   */
  async primary(caller: Caller): Promise<Host> {
    if (this.only !== undefined) return this.only;
    await this.ready();
    return this.#knownPrimary() ?? this.#waitForPrimary(caller);
  }

  /** Those that may serve reads, the first ones first. */
  readers(): readonly Host[] {
    const { url, clock } = this.#options;
    const nowMs = clock.mono();
    const known = this.all.filter((host) => !host.isReporting && this.#isInRotation(host, nowMs));
    const found = eligible(url.attributes, known);
    if (!url.isBalanced || found.length < 2) return found;
    this.#turn = (this.#turn + 1) % found.length;
    return [...found.slice(this.#turn), ...found.slice(0, this.#turn)];
  }

  /** A position that no log of this cluster can have reached. */
  isAbsurd({ timeline, lsn }: Position): boolean {
    const newest = this.#lag.newest;
    return (
      newest !== undefined && timeline === this.timelines.highest && lsn > newest + positionAheadMax
    );
  }

  /** Its connection broke, or it refused to write: it is asked at once, and where it led, all are. */
  failed(host: Host, why: 'lost' | 'read-only'): void {
    if (this.only !== undefined || this.#isClosed) return;
    this.#options.log.debug('postgres.host_failed', { host: host.name, why });
    host.state = why === 'lost' ? 'offline' : 'unknown';
    host.isHeard = false;
    if (host === this.#primary) {
      this.#primary = undefined;
      void this.#seek();
    } else {
      void this.#probes.ask(host);
    }
  }

  async probeAll(): Promise<void> {
    await Promise.all(this.all.map((host) => this.#probes.ask(host)));
    await this.#judge();
  }

  /** Until a host shows this timeline, or the time for a failover is up. */
  async untilTimeline(timeline: number, caller: Caller): Promise<void> {
    const { clock, failoverMs } = this.#options;
    const endMs = Math.min(clock.mono() + failoverMs, caller.deadline ?? Infinity);
    await this.probeAll();
    while (this.timelines.highest < timeline && clock.mono() < endMs) {
      await clock.sleep(seekEveryMs, caller.signal);
      await this.probeAll();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#stopLoop?.();
    this.#probes.close();
    this.#woken.resolve();
  }

  #isInRotation(host: Host, nowMs: number): boolean {
    const { recheckMs } = this.#options.url;
    if (nowMs - host.seenMs > recheckMs) return false;
    if (host.isPrimary) return host === this.#primary;
    return host.state === 'standby' && !host.isLate && host.timeline >= this.timelines.highest;
  }

  #knownPrimary(): Host | undefined {
    const host = this.#primary;
    if (host === undefined) return undefined;
    const ageMs = this.#options.clock.mono() - host.seenMs;
    return ageMs < Math.min(primaryKnownMs, this.#options.url.recheckMs) ? host : undefined;
  }

  async #waitForPrimary({ signal, deadline = Infinity }: Caller): Promise<Host> {
    const { clock, failoverMs } = this.#options;
    if (this.#waiters >= waitersMax) {
      throw unavailableProblem('Too many callers wait for a primary of the database.');
    }
    const endMs = Math.min(clock.mono() + failoverMs, deadline);
    const ended = new AbortController();
    const until = AbortSignal.any([signal, ended.signal]);
    this.#waiters += 1;
    try {
      const late = clock.sleep(Math.max(0, endMs - clock.mono()), until).catch(() => undefined);
      for (;;) {
        void this.#seek();
        await Promise.race([this.#woken.promise, late]);
        const host = this.#knownPrimary();
        if (host !== undefined) return host;
        if (signal.aborted) throw cancelledProblem(signal.reason);
        if (this.#isClosed) throw draining();
        if (this.#isSplit) throw splitBrain();
        if (clock.mono() >= endMs)
          throw withoutPrimary(this.all.some(({ state }) => state === 'standby'));
      }
    } finally {
      this.#waiters -= 1;
      ended.abort();
    }
  }

  #seek(): Promise<void> {
    this.#seeking ??= this.#seekPrimary().finally(() => {
      this.#seeking = undefined;
    });
    return this.#seeking;
  }

  /** Once at least; then for as long as somebody waits. */
  async #seekPrimary(): Promise<void> {
    const { clock } = this.#options;
    const never = new AbortController().signal;
    for (;;) {
      await this.probeAll();
      if (this.#knownPrimary() !== undefined || this.#isSplit) this.#wake();
      if (this.#knownPrimary() !== undefined || this.#waiters === 0 || this.#isClosed) return;
      await clock.sleep(seekEveryMs + randomInt(seekEveryMs / 4), never);
    }
  }

  #wake(): void {
    this.#woken.resolve();
    this.#woken = Promise.withResolvers<void>();
  }

  /** A promoted one is kept waiting for another such, but not by a server that does not answer at all. */
  async #heard({ isStandby, timeline = 0, systemId }: Facts): Promise<void> {
    const isNew = !isStandby && timeline > this.timelines.highest && systemId === this.#systemId;
    if (!isNew) return;
    await this.#probes.answered(answerMs);
    await this.#judge();
  }

  #forget(host: Host): void {
    if (host === this.#primary) this.#primary = undefined;
  }

  async #judge(): Promise<void> {
    const { clock, maxLagMs } = this.#options;
    const ranking = rank({
      hosts: this.all,
      systemId: this.#systemId,
      timelines: this.timelines,
      lag: this.#lag,
      nowMs: clock.mono(),
      maxLagMs,
    });
    this.#systemId ??= ranking.systemId;
    const { primaryHint: hint, log } = this.#options;
    const leader = await findLeader(ranking.leaders, { hint, log });
    this.#isSplit = ranking.leaders.length > 1 && leader === undefined;
    for (const host of ranking.fenced) this.#fence(host);
    if (leader === undefined) {
      if (this.#isSplit) this.#primary = undefined;
      return;
    }
    if (leader !== this.#primary) {
      log.info('postgres.primary', { host: leader.name, timeline: leader.timeline });
    }
    this.#primary = leader;
    this.#wake();
    await this.#recordTimeline(leader);
  }

  #fence(host: Host): void {
    if (host.state === 'fenced') return;
    host.state = 'fenced';
    this.#options.log.error('postgres.fenced', splitBrain(), {
      host: host.name,
      timeline: host.timeline,
      highest: this.timelines.highest,
    });
    this.#forget(host);
    host.pool.abandon();
  }

  /** The first process that sees a new timeline writes it down for those that were not there. */
  async #recordTimeline(leader: Host): Promise<void> {
    if (this.#recorded === leader.timeline) return;
    this.#recorded = leader.timeline;
    const isKnown = await recordTimelines(leader, this.timelines).catch((error: unknown) => {
      this.#options.log.debug('postgres.timeline_not_recorded', { error: String(error) });
      return false;
    });
    if (!isKnown) this.#recorded = 0;
  }
}
