import { systemClock, type Clock } from '@plinth/core';

import { Connection } from '../connection.ts';
import { unavailableProblem } from '../errors.ts';
import { targetOf } from '../wire/target.ts';
import { parseDatabaseUrl, type HostUrl } from './host-url.ts';
import { Probe, type Facts } from './probe.ts';

const withinMs = 15_000;
const everyMs = 250;
const probeTimeoutMs = 2_000;

/**
 * The URL of the host that leads, for what speaks to one server only: migrations, imports. A URL of one
 * host is given back as it is.
 *
 * @throws {Problem} `postgres.unavailable` when none of them leads for 15 s.
 */
export async function findPrimaryUrl(url: string, clock: Clock = systemClock): Promise<string> {
  const { hosts } = parseDatabaseUrl(url);
  const [first] = hosts;
  if (first === undefined || hosts.length === 1) return url;
  const signal = AbortSignal.timeout(withinMs);
  while (!signal.aborted) {
    const asked = await Promise.all(hosts.map((host) => ask(host, clock)));
    const leaders = hosts
      .map((host, at) => ({ host, facts: asked[at] }))
      .filter(({ facts }) => facts?.isStandby === false)
      .toSorted((a, b) => (b.facts?.timeline ?? 0) - (a.facts?.timeline ?? 0));
    const [leader] = leaders;
    if (leader !== undefined) return leader.host.url;
    await clock.sleep(everyMs, signal).catch(() => undefined);
  }
  throw unavailableProblem('None of the database’s hosts leads.');
}

async function ask({ url }: HostUrl, clock: Clock): Promise<Facts | undefined> {
  const target = targetOf(url, 'plinth-probe');
  const probe = new Probe({
    timeoutMs: probeTimeoutMs,
    open: () => Connection.open({ target, namedMax: 0, mono: () => clock.mono() }),
  });
  try {
    return await probe.ask();
  } catch {
    return undefined;
  } finally {
    probe.close();
  }
}
