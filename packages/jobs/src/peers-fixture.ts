import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Load {
  readonly adminUrl: string;
  readonly count: number;
  readonly payload: string;
}

/** The peer stands in bench/, apart from the workspaces: it is typed here as far as it is used. */
interface Graphile {
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

/** @returns jobs a second that graphile-worker works off on the same server, with a handler that does nothing. */
export async function drainGraphile(how: 'installed' | 'tuned', load: Load): Promise<number> {
  const { adminUrl: connectionString, count, payload } = load;
  const path = createRequire(resolve('bench/package.json')).resolve('graphile-worker');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a peer of a bench; a wrong type fails its run
  const { makeWorkerUtils, run, Logger } = (await import(pathToFileURL(path).href)) as Graphile;
  const logger = new Logger(() => () => undefined);
  const producer = await makeWorkerUtils({ connectionString, logger });
  for (let from = 0; from < count; from += 5_000) {
    const jobs = Array.from({ length: 5_000 }, (_, n) => ({
      identifier: 'none',
      payload: { n: from + n, payload },
    }));
    await producer.addJobs(jobs);
  }
  let handled = 0;
  const done = Promise.withResolvers<void>();
  const taskList = {
    none: async () => {
      handled += 1;
      if (handled === count) done.resolve();
    },
  };
  const beganMs = performance.now();
  const base = { connectionString, logger, noHandleSignals: true, taskList };
  const runner = await run({ ...base, ...(how === 'tuned' ? tuned : {}) });
  await done.promise;
  const seconds = (performance.now() - beganMs) / 1_000;
  await runner.stop();
  await producer.release();
  return count / seconds;
}
