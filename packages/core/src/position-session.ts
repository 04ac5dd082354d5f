import type { Position, PositionSession } from './ctx.ts';

/** True where `position` tells of more than `known`. Ordered by timeline, then by lsn. */
export function isNewerPosition(position: Position, known: Position | undefined): boolean {
  if (known === undefined) return true;
  if (position.timeline !== known.timeline) return position.timeline > known.timeline;
  return position.lsn > known.lsn;
}

/** Keeps the highest position of each cluster, beginning with `seen`. */
export function createPositionSession(seen?: Position): PositionSession {
  const newest = new Map<string, Position>();
  let latest: Position | undefined;
  const session: PositionSession = {
    get: (cluster) => (cluster === undefined ? latest : newest.get(cluster)),
    advance(position) {
      if (!isNewerPosition(position, newest.get(position.cluster))) return;
      newest.set(position.cluster, position);
      latest = position;
    },
  };
  if (seen !== undefined) session.advance(seen);
  return session;
}

/** For work that belongs to no client: it reads all that is committed, at the primary. */
export function primarySession(): PositionSession {
  return { ...createPositionSession(), reads: 'primary' };
}
