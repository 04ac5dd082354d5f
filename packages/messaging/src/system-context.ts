import type { Position, PositionSession } from '@plinth/core';
import type { Context } from '@plinth/postgres';

/** Begins with nothing seen; keeps the highest position of each cluster. */
export function createPositionSession(): PositionSession {
  const seen = new Map<string, Position>();
  let latest: Position | undefined;
  return {
    get: (cluster) => (cluster === undefined ? latest : seen.get(cluster)),
    advance(position) {
      const before = seen.get(position.cluster);
      const isOlder =
        before !== undefined &&
        (before.timeline > position.timeline ||
          (before.timeline === position.timeline && before.lsn >= position.lsn));
      if (isOlder) return;
      seen.set(position.cluster, position);
      latest = position;
    },
  };
}

/** For the package's own tables, which belong to no tenant. */
export function systemContext(signal: AbortSignal = new AbortController().signal): Context {
  return { tenant: 'none', position: createPositionSession(), signal };
}
