import type { Host } from './host.ts';
import type { LagClock } from './lag.ts';
import type { Timelines } from './timelines.ts';

export interface RankNeeds {
  readonly hosts: readonly Host[];
  readonly systemId: string | undefined;
  readonly timelines: Timelines;
  readonly lag: LagClock;
  readonly nowMs: number;
  readonly maxLagMs: number;
}

export interface Ranking {
  readonly systemId: string | undefined;
  /** Out of recovery, on the highest timeline ever seen: one, or a split brain. */
  readonly leaders: readonly Host[];
  /** Out of recovery, and followed by another. */
  readonly fenced: readonly Host[];
}

/** Says of each host what it is, from what all of them said. */
export function rank(needs: RankNeeds): Ranking {
  const { hosts, timelines, lag, nowMs } = needs;
  const heard = hosts.filter(({ isHeard }) => isHeard);
  const systemId = needs.systemId ?? clusterOf(heard);
  const ours = heard.filter((host) => isOurs(host, systemId));
  for (const host of ours) describe(host, needs);
  const primaries = ours.filter(({ facts }) => facts?.isStandby === false);
  for (const host of primaries) learn(host, timelines);
  const leaders = primaries.filter(({ timeline }) => timeline >= timelines.highest);
  const fenced = primaries.filter(({ timeline }) => timeline < timelines.highest);
  const [leader] = leaders;
  if (leader !== undefined && leaders.length === 1) lag.add(nowMs, leader.position);
  for (const host of leaders) host.state = host.facts?.isReadOnly ? 'primary-ro' : 'primary-rw';
  for (const host of ours) if (host.state === 'standby') tellLag(host, needs);
  return { systemId, leaders, fenced };
}

function learn({ timeline, facts }: Host, timelines: Timelines): void {
  timelines.see(timeline);
  // The first one has no beginning; what a crash has replayed tells nothing of a promotion.
  if (timeline > 1 && facts?.switchLsn !== undefined) timelines.learn(timeline, facts.switchLsn);
}

/** The cluster is the one whose primary is seen first; without one, the first host's. */
function clusterOf(heard: readonly Host[]): string | undefined {
  const primary = heard.find(({ facts }) => facts?.isStandby === false);
  return (primary ?? heard[0])?.facts?.systemId;
}

function isOurs(host: Host, systemId: string | undefined): boolean {
  if (host.facts?.systemId === systemId && host.facts?.isolation === 'read committed') return true;
  host.state = 'foreign';
  return false;
}

function describe(host: Host, { nowMs, maxLagMs }: RankNeeds): void {
  const { facts } = host;
  if (facts === undefined) return;
  if (!facts.isStandby) {
    host.timeline = facts.timeline ?? 0;
    host.position = facts.lsn;
    return;
  }
  if (facts.isReceiving) host.timelineSeenMs = nowMs;
  // Without a receiver what it last said counts for a while, then only what it has replayed for sure.
  const isRecent = nowMs - host.timelineSeenMs <= maxLagMs;
  const told = facts.timeline ?? 0;
  host.timeline = isRecent ? Math.max(host.timeline, told) : told;
  // A server that was made anew may be behind what it was.
  host.position = facts.lsn;
  host.state = 'standby';
  host.lateProofs = 0;
}

function tellLag(host: Host, { lag, maxLagMs }: RankNeeds): void {
  host.lagMs = lag.lagMs(host.position);
  const lateMs = host.isLate ? maxLagMs / 2 : maxLagMs;
  host.isLate = host.lagMs !== undefined && host.lagMs > lateMs;
}
