import type { Log, LogEvent, LogListener } from './ports.ts';
import { toPosition, type Position } from './position.ts';

/** A counter: the log of a cache that one process has for itself. Its listener hears each event within `append`. */
export function createMemoryLog(epoch: number): Log {
  let seq = 0;
  let listener: LogListener | undefined;
  return {
    isShared: false,
    async append(event: LogEvent): Promise<Position> {
      seq += 1;
      listener?.entry({ ...event, epoch, seq });
      return toPosition(epoch, seq);
    },
    async start(newListener) {
      listener = newListener;
      listener.joined({ epoch, floor: seq, applied: seq });
    },
    async close() {
      listener = undefined;
    },
  };
}
