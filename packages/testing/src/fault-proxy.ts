import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

import type { Owner } from './redis.ts';

/** A TCP proxy on loopback that fails as it is told. */
export interface Proxy {
  readonly port: number;
  /** Holds each piece back, both ways. */
  delay(ms: number): void;
  throttle(bytesPerSecond: number): void;
  /**
   * `reset` and `fin` end what is open and what comes; `blackhole` keeps it open and lets nothing through.
   */
  cut(how: 'reset' | 'fin' | 'blackhole'): void;
  /** Resets its client once, after so many bytes more to the server. */
  cutAfter(bytes: number): void;
  /** Lets nothing through in one direction: `up` is to the server. */
  half(direction: 'up' | 'down'): void;
  /** Changes each n-th piece that comes from the server. */
  corrupt(everyPieces: number): void;
  heal(): void;
  /** Connections made so far. */
  connectionCount(): number;
}

interface Faults {
  delayMs: number;
  bytesPerSecond: number;
  cut: 'reset' | 'fin' | 'blackhole' | undefined;
  bytesLeft: number;
  half: 'up' | 'down' | undefined;
  corruptEvery: number;
}

const healthy: Faults = {
  delayMs: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  cut: undefined,
  bytesLeft: Number.POSITIVE_INFINITY,
  half: undefined,
  corruptEvery: 0,
};

interface State {
  readonly faults: Faults;
  readonly sockets: Set<Socket>;
  readonly timers: Set<NodeJS.Timeout>;
  pieces: number;
}

export async function faultProxy(
  owner: Owner,
  target: { readonly port: number; readonly host?: string },
): Promise<Proxy> {
  const state: State = { faults: { ...healthy }, sockets: new Set(), timers: new Set(), pieces: 0 };
  const { faults, sockets } = state;
  let connections = 0;
  const server = createServer((client) => {
    connections += 1;
    if (faults.cut === 'reset' || faults.cut === 'fin') {
      end(client, faults.cut);
      return;
    }
    join(state, client, connect(target.port, target.host ?? '127.0.0.1'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  owner.after(async () => {
    for (const timer of state.timers) clearTimeout(timer);
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  const set = (change: Partial<Faults>) => void Object.assign(faults, change);
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    delay: (delayMs) => set({ delayMs }),
    throttle: (bytesPerSecond) => set({ bytesPerSecond }),
    cut(how) {
      set({ cut: how });
      if (how !== 'blackhole') for (const socket of sockets) end(socket, how);
    },
    cutAfter: (bytesLeft) => set({ bytesLeft }),
    half: (direction) => set({ half: direction }),
    corrupt: (corruptEvery) => set({ corruptEvery }),
    heal: () => set(healthy),
    connectionCount: () => connections,
  };
}

function end(socket: Socket, how: 'reset' | 'fin'): void {
  if (how === 'reset') socket.resetAndDestroy();
  else socket.end();
}

function join(state: State, client: Socket, server: Socket): void {
  for (const [from, to, direction] of [
    [client, server, 'up'],
    [server, client, 'down'],
  ] as const) {
    state.sockets.add(from);
    from.on('data', (piece: Buffer) => carry(state, { piece, from, to, direction }));
    // The other side learns of it by the close.
    from.on('error', () => undefined);
    from.on('close', () => {
      state.sockets.delete(from);
      if (state.faults.cut !== 'blackhole') to.destroy();
    });
  }
}

interface Carried {
  readonly piece: Buffer;
  readonly from: Socket;
  readonly to: Socket;
  readonly direction: 'up' | 'down';
}

function carry(state: State, { piece, from, to, direction }: Carried): void {
  const { faults } = state;
  if (faults.cut === 'blackhole' || faults.half === direction) return;
  let sent = piece;
  let isLast = false;
  if (direction === 'up') {
    sent = piece.subarray(0, Math.min(piece.length, faults.bytesLeft));
    isLast = piece.length >= faults.bytesLeft;
    faults.bytesLeft = isLast ? Number.POSITIVE_INFINITY : faults.bytesLeft - piece.length;
  } else {
    state.pieces += 1;
    if (faults.corruptEvery > 0 && state.pieces % faults.corruptEvery === 0) {
      sent = Buffer.from(piece.map((byte, at) => (at === 0 ? byte ^ 0xff : byte)));
    }
  }
  const waitMs = faults.delayMs + (sent.length / faults.bytesPerSecond) * 1_000;
  const deliver = () => {
    if (!isLast) {
      if (to.writable) to.write(sent);
      return;
    }
    // What was let through arrives; the answer to it does not.
    from.resetAndDestroy();
    to.end(sent);
  };
  if (waitMs === 0) {
    deliver();
    return;
  }
  const timer = setTimeout(() => {
    state.timers.delete(timer);
    deliver();
    from.resume();
  }, waitMs);
  state.timers.add(timer);
  // One piece at a time keeps their order.
  from.pause();
}
