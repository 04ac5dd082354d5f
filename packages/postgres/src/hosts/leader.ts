import { Problem, type Log } from '@plinth/core';

import type { Host } from './host.ts';

/** Who waits for a primary. */
export interface Caller {
  readonly signal: AbortSignal;
  /** An instant of `clock.mono()`. */
  readonly deadline?: number | undefined;
}

const hintTimeoutMs = 1_000;

/** Two that lead on one timeline: nobody but who promotes them can tell which one is right. */
export async function findLeader(
  leaders: readonly Host[],
  { hint, log }: { hint: string | undefined; log: Log },
): Promise<Host | undefined> {
  const [first] = leaders;
  if (leaders.length < 2) return first;
  const answers = await Promise.all(leaders.map((host) => isNamed(hint, host)));
  const named = leaders.filter((_, at) => answers[at]);
  const [only] = named;
  if (only !== undefined && named.length === 1) return only;
  log.error('postgres.split_brain', splitBrain(), { hosts: leaders.map(({ name }) => name) });
  return undefined;
}

async function isNamed(hint: string | undefined, host: Host): Promise<boolean> {
  if (hint === undefined) return false;
  const [hostname = ''] = host.name.split(/:\d+$/u);
  try {
    const { status } = await fetch(
      hint.replaceAll('{host}', hostname).replaceAll('{name}', host.name),
      { signal: AbortSignal.timeout(hintTimeoutMs) },
    );
    return status === 200;
  } catch {
    return false;
  }
}

export function splitBrain(): Problem {
  return new Problem('Two servers of the database lead at once: nothing is written.', {
    code: 'postgres.split_brain',
    kind: 'unavailable',
    retryAfterMs: 5_000,
  });
}

/** @param canRead a replica answers. */
export function withoutPrimary(canRead: boolean): Problem {
  if (!canRead) {
    return new Problem('No host of the database answers.', {
      code: 'postgres.unavailable',
      kind: 'unavailable',
      retryAfterMs: 1_000,
    });
  }
  return new Problem('The database has no primary now: it can be read, and not be written.', {
    code: 'postgres.read_only',
    kind: 'unavailable',
    retryAfterMs: 1_000,
  });
}
