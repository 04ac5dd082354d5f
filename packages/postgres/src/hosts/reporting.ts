import { Bulkhead } from '../bulkhead.ts';
import { refuse } from '../errors.ts';
import type { Host } from './host.ts';
import { parseDatabaseUrl, type DatabaseUrl } from './host-url.ts';
import type { Hosts } from './hosts.ts';

/** A server for reports does so many at once. */
export const reportsMax = 4;
/** A server that has other work does so many reports at once. */
const guestReportsMax = 2;
export const reportMs = 300_000;
/** A report may hold the replay of its server up: that is what the server is for. A session is shown its writes all the same. */
const reportLagMsMax = 900_000;
export const reportSettings: Readonly<Record<string, string>> = { work_mem: '128MB' };

/** @throws {Problem} `postgres.bad_url` unless it names one server. */
export function withReporting(url: DatabaseUrl, reportingUrl: string | undefined): DatabaseUrl {
  if (reportingUrl === undefined) return url;
  const [host, ...others] = parseDatabaseUrl(reportingUrl).hosts;
  if (host !== undefined && others.length === 0) {
    return { ...url, hosts: [...url.hosts, { ...host, isReporting: true }] };
  }
  throw refuse({
    message: 'The URL of the server for reports names one host.',
    code: 'postgres.bad_url',
    kind: 'internal',
  });
}

/** The server for reports while it follows the cluster, however late, within 15 minutes. */
export function reportingHost(
  { all, timelines }: Hosts,
  { nowMs, recheckMs }: { nowMs: number; recheckMs: number },
): Host | undefined {
  const host = all.find(({ isReporting }) => isReporting);
  const serves =
    host?.state === 'standby' &&
    nowMs - host.seenMs <= recheckMs &&
    host.timeline >= timelines.highest &&
    (host.lagMs ?? 0) <= reportLagMsMax;
  return serves ? host : undefined;
}

/** Reports at one server, which leave it room for what else it does. */
export class Reports {
  readonly #bulkheads = new WeakMap<Host, Bulkhead>();

  /** @throws {Problem} `postgres.unavailable` when too many wait, `postgres.cancelled`. */
  enter(host: Host, signal: AbortSignal): Promise<() => void> {
    const known =
      this.#bulkheads.get(host) ?? new Bulkhead(host.isReporting ? reportsMax : guestReportsMax);
    this.#bulkheads.set(host, known);
    return known.enter(signal);
  }
}
