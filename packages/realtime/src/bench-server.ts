import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { systemClock } from '@plinth/core';

import { startServer } from './server-fixture.ts';

/** A process that the bench starts: ours or the peer, and what it is told to publish. */
interface Subject {
  readonly port: number;
  publish(text: string): void;
  /** Bytes that readers have not taken. */
  held(): number;
}

interface PeerSocket {
  readonly bufferedAmount: number;
  send(data: Buffer, options: object): void;
}
interface Ws {
  readonly WebSocketServer: new (options: object) => { readonly clients: Set<PeerSocket> };
}

const loadPeer = (name: string): unknown => createRequire(resolve('bench/package.json'))(name);

const outstanding = 32;
const heldBytesMax = 1_048_576;

async function startOurs(): Promise<Subject> {
  const most = 100_000;
  const config = { userMax: most, tenantMax: most, processMax: most };
  const { url, notes, realtime } = await startServer({ config });
  return {
    port: Number(new URL(url).port),
    publish: (text) => void notes.publish({ tenant: 'acme' }, { n: 1, text }),
    held: () => realtime.stats().backlogBytes,
  };
}

/** As its users tune it: no compression, the frame's bytes made once. */
async function startPeer(): Promise<Subject> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the peers stand apart, and have no types here
  const { WebSocketServer } = loadPeer('ws') as Ws;
  const server = createServer();
  const { clients } = new WebSocketServer({ server, perMessageDeflate: false });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    publish(text) {
      const data = Buffer.from(
        JSON.stringify(['m', '000000000000:1', 't/acme/notes', { n: 1, text }]),
      );
      for (const client of clients) client.send(data, { binary: false });
    },
    held() {
      let bytes = 0;
      for (const client of clients) bytes += client.bufferedAmount;
      return bytes;
    },
  };
}

const { positionals } = parseArgs({ allowPositionals: true });
const subject = await (positionals[0] === 'ours' ? startOurs() : startPeer());
process.send?.({ port: subject.port });

process.on(
  'message',
  (asked: { readonly kind: 'memory' } | { readonly kind: 'publish'; readonly count: number }) => {
    if (asked.kind === 'publish') void publishAll(asked.count);
    else {
      for (let round = 0; round < 3; round += 1) globalThis.gc?.();
      process.send?.({ rssBytes: process.memoryUsage().rss });
    }
  },
);
process.on('disconnect', () => process.exit());

async function publishAll(count: number): Promise<void> {
  const text = 'x'.repeat(150);
  const { signal } = new AbortController();
  for (let sent = 0; sent < count; sent += outstanding) {
    for (let n = 0; n < outstanding; n += 1) subject.publish(text);
    do await systemClock.sleep(0, signal);
    while (subject.held() > heldBytesMax);
  }
}
