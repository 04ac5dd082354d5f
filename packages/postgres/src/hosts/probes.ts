import type { Clock, Log } from '@plinth/core';

import type { Connection } from '../connection.ts';
import type { Host } from './host.ts';
import { Probe, type Facts } from './probe.ts';

export interface ProbesOptions {
  readonly hosts: readonly Host[];
  readonly clock: Clock;
  readonly log: Log;
  open(url: string): Promise<Connection>;
  /** The host has answered, or is not asked any more for an answer. */
  onHeard(host: Host, facts: Facts): Promise<void> | undefined;
  onOffline(host: Host): void;
}

const timeoutMs = 500;
const failuresMax = 2;

/** Asks hosts what they are; many callers share one question. */
export class Probes {
  readonly #options: ProbesOptions;
  readonly #probes: ReadonlyMap<Host, Probe>;
  readonly #flights = new Map<Host, Promise<void>>();
  /** Questions that are under way, each until its answer. */
  readonly #hearings = new Set<Promise<Facts | undefined>>();

  constructor(options: ProbesOptions) {
    this.#options = options;
    const { hosts, open } = options;
    this.#probes = new Map(
      hosts.map((host) => [host, new Probe({ timeoutMs, open: () => open(host.url) })]),
    );
  }

  ask(host: Host): Promise<void> {
    const known = this.#flights.get(host);
    if (known !== undefined) return known;
    const flight = this.#ask(host).finally(() => this.#flights.delete(host));
    this.#flights.set(host, flight);
    return flight;
  }

  /** When all that is being asked has answered, or after so long. */
  async answered(waitMs: number): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, waitMs);
    await Promise.race([Promise.allSettled(this.#hearings), late]);
    clearTimeout(timer);
  }

  async #hear(host: Host): Promise<Facts | undefined> {
    const hearing = this.#probes.get(host)?.ask();
    if (hearing === undefined) return undefined;
    this.#hearings.add(hearing);
    try {
      return await hearing;
    } finally {
      this.#hearings.delete(hearing);
    }
  }

  close(): void {
    for (const probe of this.#probes.values()) probe.close();
  }

  async #ask(host: Host): Promise<void> {
    const startedMs = this.#options.clock.mono();
    try {
      const facts = await this.#hear(host);
      if (facts === undefined) return;
      host.facts = withWitness(host, facts);
      host.seenMs = startedMs;
      host.isHeard = true;
      host.probeFailures = 0;
    } catch (error) {
      this.#failed(host, error);
      return;
    }
    await this.#options.onHeard(host, host.facts);
  }

  #failed(host: Host, error: unknown): void {
    host.probeFailures += 1;
    const isGone = host.state === 'offline' || host.probeFailures >= failuresMax;
    // A busy machine is late once; a server that is gone refuses, or is late again.
    if (!isGone && isLate(error)) return;
    if (host.state !== 'offline') {
      this.#options.log.warn('postgres.host_offline', { host: host.name, error: String(error) });
    }
    host.state = 'offline';
    host.isHeard = false;
    this.#options.onOffline(host);
  }
}

/** A promotion tells where its timeline began only to who saw the same run of the server as a standby. */
function withWitness({ facts: before }: Host, facts: Facts): Facts {
  const isSameRun = before?.startedAt === facts.startedAt;
  if (isSameRun && before.isStandby) return facts;
  return { ...facts, switchLsn: isSameRun ? before.switchLsn : undefined };
}

function isLate(error: unknown): boolean {
  return error instanceof Error && error.message.includes('in time');
}
