import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { systemClock } from '@plinth/core';

const rounds = 3;
const idleCount = 5_000;
const fanOutReaders = 5_000;
const fanOutMessages = 192;
const channel = 't/acme/notes';
const withinMs = 120_000;
const never = new AbortController().signal;

/** What a process of the bench answers. */
interface Answer {
  readonly port?: number;
  readonly opened?: number;
  readonly rssBytes?: number;
  readonly delivered?: number;
}

class Child {
  readonly #process: ChildProcess;

  constructor(file: URL, ...args: string[]) {
    this.#process = fork(fileURLToPath(file), args, { execArgv: ['--expose-gc'] });
  }

  async answer(): Promise<Answer> {
    const [answer] = await once(this.#process, 'message', {
      signal: AbortSignal.timeout(withinMs),
    });
    return answer;
  }

  ask(question: object): Promise<Answer> {
    const answer = this.answer();
    this.#process.send(question);
    return answer;
  }

  tell(question: object): void {
    this.#process.send(question);
  }

  async end(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.disconnect();
    await ended;
  }
}

interface Crowd {
  readonly who: 'ours' | 'ws';
  readonly count: number;
  readonly isSocket: boolean;
}

/** A server and its readers, each in a process of its own. */
async function withCrowd<result>(
  { who, count, isSocket }: Crowd,
  work: (server: Child, readers: Child, open: () => Promise<unknown>) => Promise<result>,
): Promise<result> {
  const server = new Child(new URL('./bench-server.ts', import.meta.url), who);
  const readers = new Child(new URL('./bench-readers.ts', import.meta.url));
  try {
    const { port } = await server.answer();
    const path = `${isSocket ? '/rt/ws' : '/rt'}?ch=${channel}`;
    const open = () => readers.ask({ port, path, count, isSocket });
    return await work(server, readers, open);
  } finally {
    await readers.end();
    await server.end();
  }
}

/** KiB that an idle connection adds to what the process holds, after a collection. */
function memory(who: 'ours' | 'ws', isSocket: boolean): Promise<number> {
  return withCrowd({ who, count: idleCount, isSocket }, async (server, _, open) => {
    const before = await server.ask({ kind: 'memory' });
    await open();
    // Its greeting and the rest of its opening have left.
    await systemClock.sleep(1_000, never);
    const after = await server.ask({ kind: 'memory' });
    return ((after.rssBytes ?? 0) - (before.rssBytes ?? 0)) / idleCount / 1_024;
  });
}

/** Messages that reach readers in a second, over one process. */
function fanOut(who: 'ours' | 'ws'): Promise<number> {
  const crowd = { who, count: fanOutReaders, isSocket: true };
  return withCrowd(crowd, async (server, readers, open) => {
    await open();
    const wanted = fanOutMessages * fanOutReaders;
    const beganMs = performance.now();
    server.tell({ kind: 'publish', count: fanOutMessages });
    for (;;) {
      const { delivered = 0 } = await readers.ask({ kind: 'count' });
      const ms = performance.now() - beganMs;
      if (delivered >= wanted) return (delivered * 1_000) / ms;
      if (ms > withinMs) throw new Error(`Only ${delivered} of ${wanted} came.`);
      await systemClock.sleep(20, never);
    }
  });
}

async function byTurns(
  oursFirst: boolean,
  ours: () => Promise<number>,
  peer: () => Promise<number>,
) {
  if (oursFirst) return { ours: await ours(), peer: await peer() };
  const second = await peer();
  return { ours: await ours(), peer: second };
}

const memoryCase = (name: string, isSocket: boolean, budgetKib: number) => ({
  name,
  unit: 'KiB/connection',
  better: 'lower' as const,
  peerName: 'the budget',
  target: 1,
  rounds,
  measure: async () => ({ ours: await memory('ours', isSocket), peer: budgetKib }),
});

export const bench = {
  name: 'realtime',
  open: async () => ({
    cases: [
      memoryCase('idle-socket', true, 10),
      memoryCase('idle-stream', false, 18),
      {
        name: 'idle-socket-beside-ws',
        unit: 'KiB/connection',
        better: 'lower' as const,
        peerName: 'ws 8.23, an idle socket of a bare server',
        target: 1,
        rounds,
        measure: (oursFirst: boolean) =>
          byTurns(
            oursFirst,
            () => memory('ours', true),
            () => memory('ws', true),
          ),
      },
      {
        name: 'fan-out',
        unit: 'messages/s',
        better: 'higher' as const,
        peerName: 'ws 8.23, a bare loop with a frame made once',
        target: 1.5,
        rounds,
        measure: (oursFirst: boolean) =>
          byTurns(
            oursFirst,
            () => fanOut('ours'),
            () => fanOut('ws'),
          ),
      },
    ],
    close: async () => undefined,
  }),
};
