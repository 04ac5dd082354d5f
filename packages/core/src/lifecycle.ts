import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { Problem } from './problem.ts';

/** Something with a beginning and an end: a pool, a server, a worker. */
export interface Part {
  readonly name: string;
  /** Parts that must have started before, and stop after. */
  readonly needs?: readonly string[];
  /** Default 60,000. */
  readonly startTimeoutMs?: number;
  start?(signal: AbortSignal): Promise<void>;
  /** Takes no new work and finishes what is in flight. */
  drain?(signal: AbortSignal): Promise<void>;
  /** Releases everything. */
  stop?(signal: AbortSignal): Promise<void>;
  /** Shown when it is late. */
  inFlight?(): number;
}

export type Phase = 'starting' | 'ready' | 'draining' | 'stopped';

export interface Lifecycle {
  readonly phase: Phase;
  /** @throws {Problem} `core.start_failed` after the parts already started have stopped again. */
  start(): Promise<void>;
  /**
   * Drains all parts at once, then stops them in reverse order. Safe to call again: the same end is awaited.
   *
   * @returns the exit code: 0, or 1 if the deadline passed.
   */
  stop(reason: string, deadlineMs?: number): Promise<number>;
}

interface Options {
  readonly log: Log;
  readonly clock: Clock;
  /** Still serving for this long after readiness went, so that a balancer notices. */
  readonly drainDelayMs?: number;
  /** Counts from the signal. systemd and Kubernetes kill at 30 s. */
  readonly deadlineMs?: number;
}

const startTimeoutMs = 60_000;

/** @throws {Problem} `core.parts` for an unknown or a cyclic need, before anything starts. */
export function createLifecycle(parts: readonly Part[], options: Options): Lifecycle {
  const { log, clock, drainDelayMs = 0, deadlineMs = 25_000 } = options;
  const order = sortParts(parts);
  const started: Part[] = [];
  let phase: Phase = 'starting';
  let stopping: Promise<number> | undefined;

  async function start(): Promise<void> {
    const ready = new Map<string, Promise<void>>();
    for (const part of order) {
      const needs = (part.needs ?? []).map((name) => ready.get(name) ?? Promise.resolve());
      ready.set(part.name, startAfter(part, needs));
    }
    const results = await Promise.allSettled(ready.values());
    const failed = results.find((result) => result.status === 'rejected');
    if (failed === undefined) {
      // A stop that came during the start wins.
      if (stopping === undefined) phase = 'ready';
      return;
    }
    await stop('start failed');
    throw Problem.from(failed.reason);
  }

  async function startAfter(part: Part, needs: readonly Promise<void>[]): Promise<void> {
    await Promise.all(needs);
    if (stopping !== undefined) return;
    await startPart(part);
    started.push(part);
    log.debug('part.started', { part: part.name });
  }

  async function stopAll(reason: string, limitMs: number): Promise<number> {
    phase = 'draining';
    log.info('lifecycle.draining', { reason });
    const signal = AbortSignal.timeout(limitMs);
    if (started.length > 0 && drainDelayMs > 0)
      await clock.sleep(drainDelayMs, signal).catch(ignoreAbort);
    const late = new Set<Part>();
    const ending = { signal, late, log };
    await Promise.all(started.map((part) => settle(part, 'drain', ending)));
    for (const part of started.toReversed()) await settle(part, 'stop', ending);
    phase = 'stopped';
    return late.size === 0 ? 0 : 1;
  }

  function stop(reason: string, limitMs = deadlineMs): Promise<number> {
    stopping ??= stopAll(reason, limitMs);
    return stopping;
  }

  return {
    get phase() {
      return phase;
    },
    start,
    stop,
  };
}

async function startPart(part: Part): Promise<void> {
  const signal = AbortSignal.timeout(part.startTimeoutMs ?? startTimeoutMs);
  try {
    await raceSignal(part.start?.(signal), signal);
  } catch (error) {
    if (error instanceof Problem) throw error;
    const reason = error instanceof Error ? error.message : 'unknown';
    throw new Problem(`${part.name} did not start: ${reason}`, {
      code: 'core.start_failed',
      kind: 'unavailable',
      cause: error,
    });
  }
}

interface Ending {
  readonly signal: AbortSignal;
  readonly late: Set<Part>;
  readonly log: Log;
}

/** A part that fails to end is noted, and keeps no other from ending. */
async function settle(part: Part, step: 'drain' | 'stop', ending: Ending): Promise<void> {
  try {
    await raceSignal(part[step]?.(ending.signal), ending.signal);
  } catch (error) {
    ending.late.add(part);
    ending.log.error(`lifecycle.${step}_failed`, error, {
      part: part.name,
      inFlight: part.inFlight?.() ?? 0,
    });
  }
}

function ignoreAbort(error: unknown): void {
  if (Problem.from(error).kind === 'internal') throw error;
}

async function raceSignal(work: Promise<void> | undefined, signal: AbortSignal): Promise<void> {
  if (work === undefined) return;
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Each part after its needs, else in the order given. */
function sortParts(parts: readonly Part[]): Part[] {
  const byName = new Map(parts.map((part) => [part.name, part]));
  const sorted = new Set<Part>();
  const visit = (part: Part, path: readonly string[]): void => {
    if (sorted.has(part)) return;
    if (path.includes(part.name))
      throw wrongParts(`${[...path, part.name].join(' → ')} is a circle.`);
    for (const name of part.needs ?? []) {
      const need = byName.get(name);
      if (need === undefined) throw wrongParts(`${part.name} needs ${name}, which is not there.`);
      visit(need, [...path, part.name]);
    }
    sorted.add(part);
  };
  for (const part of parts) visit(part, []);
  return [...sorted];
}

function wrongParts(message: string): Problem {
  return new Problem(message, { code: 'core.parts', kind: 'internal' });
}
