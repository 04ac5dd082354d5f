import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Jobs a second that a peer works off, on the same server. */
export type Peer = (adminUrl: string, count: number, payload: string) => Promise<number>;

/** The peers stand in bench/, apart from the workspaces: they are typed here as far as they are used. */
export async function load<library>(name: string): Promise<library> {
  const path = createRequire(resolve('bench/package.json')).resolve(name);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a peer of a bench; a wrong type fails its run
  return (await import(pathToFileURL(path).href)) as library;
}

interface Graphile {
  runMigrations(options: object): Promise<void>;
  makeWorkerUtils(options: object): Promise<{
    addJobs(jobs: readonly object[]): Promise<unknown>;
    release(): Promise<void>;
  }>;
  run(options: object): Promise<{ stop(): Promise<void> }>;
  Logger: new (factory: () => () => void) => object;
}

const tuned = {
  preset: {
    worker: {
      concurrentJobs: 24,
      localQueue: { size: 500 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    },
  },
};

export function drainGraphile(how: 'installed' | 'tuned'): Peer {
  return async (connectionString, count, payload) => {
    const { makeWorkerUtils, run, Logger } = await load<Graphile>('graphile-worker');
    const logger = new Logger(() => () => undefined);
    const producer = await makeWorkerUtils({ connectionString, logger });
    for (let from = 0; from < count; from += 5_000) {
      const jobs = Array.from({ length: 5_000 }, (_, n) => ({
        identifier: 'count',
        payload: { value: from + n, payload },
      }));
      await producer.addJobs(jobs);
    }
    let handled = 0;
    const done = Promise.withResolvers<void>();
    const taskList = {
      count: async () => {
        handled += 1;
        if (handled === count) done.resolve();
      },
    };
    const beganMs = performance.now();
    const more = how === 'tuned' ? tuned : {};
    const base = { connectionString, logger, noHandleSignals: true, taskList };
    const runner = await run({ ...base, ...more });
    await done.promise;
    const seconds = (performance.now() - beganMs) / 1_000;
    await runner.stop();
    await producer.release();
    return count / seconds;
  };
}
