import { serialize } from 'pg-protocol';

import type { SessionKey } from './handshake.ts';
import { openSocket } from './open-socket.ts';
import type { Target } from './target.ts';

const cancelTimeoutMs = 2_000;

/** CancelRequest (PostgreSQL protocol 3.0, "Canceling Requests in Progress"), over a socket of its own. */
export async function requestCancel(target: Target, key: SessionKey): Promise<void> {
  try {
    const socket = await openSocket(target, AbortSignal.timeout(cancelTimeoutMs));
    socket.setTimeout(cancelTimeoutMs, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.end(serialize.cancel(key.processId, key.secretKey));
    socket.resume();
  } catch {
    // A server that is gone has nothing to cancel.
    return;
  }
}
