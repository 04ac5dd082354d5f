import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

export interface Balancer {
  readonly url: string;
  /** Resets all that is open. */
  cut(): void;
  /** What is open now stays so, and nothing more comes through. */
  hold(): void;
  /** The connections from now on. */
  point(urls: readonly string[]): void;
}

/** Gives each connection to the next process, as a balancer does without sticky sessions. */
export async function balance(t: TestContext, urls: readonly string[]): Promise<Balancer> {
  const sockets = new Set<Socket>();
  let targets = urls;
  let turn = 0;
  const server = createServer((client) => {
    const url = targets[turn % targets.length];
    if (url === undefined) {
      client.destroy();
      return;
    }
    const target = connect(Number(new URL(url).port), '127.0.0.1');
    turn += 1;
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/rt`,
    cut() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    hold() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    point(next) {
      targets = next;
    },
  };
}
