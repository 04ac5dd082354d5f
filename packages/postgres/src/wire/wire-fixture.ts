import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { TestContext } from 'node:test';

import { Connection } from '../connection.ts';
import { targetOf } from './target.ts';

/** A connection for one test, closed when it is over. */
export async function openConnection(
  t: TestContext,
  url: string,
  namedMax = 256,
): Promise<Connection> {
  const connection = await Connection.open({
    target: targetOf(url, 'test'),
    namedMax,
    mono: () => performance.now(),
  });
  t.after(() => connection.close());
  return connection;
}

export interface Recorder {
  readonly url: string;
  /** All that the server has sent since the last call. */
  take(): Buffer;
}

/** Stands between one connection and its server, and keeps what the server says. */
export async function recordServer(t: TestContext, url: string): Promise<Recorder> {
  const target = new URL(url);
  const port = Number(target.port);
  let pieces: Buffer[] = [];
  const server = createServer((client) => {
    const upstream = connect(port, target.hostname);
    client.pipe(upstream);
    upstream.on('data', (piece) => pieces.push(piece));
    upstream.pipe(client);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
  });
  const address = server.address();
  target.port = String(typeof address === 'object' && address !== null ? address.port : 0);
  const take = () => {
    const taken = Buffer.concat(pieces);
    pieces = [];
    return taken;
  };
  return { url: target.href, take };
}

/** A small seeded generator of numbers in [0, 1): mulberry32, public domain. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
