import { load, type Peer } from './peers-fixture.ts';

interface Boss {
  on(event: 'error', listener: (error: Error) => void): void;
  start(): Promise<unknown>;
  createQueue(name: string): Promise<void>;
  insert(name: string, jobs: readonly object[]): Promise<unknown>;
  work(
    name: string,
    options: object,
    handler: (jobs: readonly object[]) => Promise<void>,
  ): Promise<string>;
  stop(options: object): Promise<void>;
}

const bossQueue = 'count';
const insertMax = 5_000;
/** As installed it takes one job in two seconds: a few tell as much as many. */
const installedJobs = 5;
const bossOptions = {
  installed: {},
  tuned: {
    batchSize: 1_000,
    localConcurrency: 4,
    burstWhenBatchFull: true,
    pollingIntervalSeconds: 0.5,
  },
};

export function drainBoss(how: 'installed' | 'tuned'): Peer {
  return async (connectionString, tunedCount, payload) => {
    const { PgBoss } = await load<{ PgBoss: new (options: object) => Boss }>('pg-boss');
    const count = how === 'tuned' ? tunedCount : installedJobs;
    const boss = new PgBoss({ connectionString, max: 12 });
    const done = Promise.withResolvers<void>();
    boss.on('error', done.reject);
    await boss.start();
    await boss.createQueue(bossQueue);
    for (const jobs of pagesOf(count, payload)) {
      await boss.insert(
        bossQueue,
        jobs.map((data) => ({ data })),
      );
    }
    let handled = 0;
    const beganMs = performance.now();
    await boss.work(bossQueue, bossOptions[how], async (jobs) => {
      handled += jobs.length;
      if (handled >= count) done.resolve();
    });
    await done.promise;
    const seconds = (performance.now() - beganMs) / 1_000;
    await boss.stop({ graceful: true, timeout: 30_000 });
    return count / seconds;
  };
}

interface BullQueue {
  addBulk(jobs: readonly object[]): Promise<unknown>;
  close(): Promise<void>;
}
interface Bull {
  Queue: new (name: string, options: object) => BullQueue;
  Worker: new (
    name: string,
    work: () => Promise<void>,
    options: object,
  ) => { close(): Promise<void> };
}

const bullOptions = {
  installed: {},
  tuned: { concurrency: 200, removeOnComplete: { count: 0 } },
};

/** Over a real Redis: the address of PostgreSQL, which a peer is given, is not used. */
export function drainBull(how: 'installed' | 'tuned', redisUrl: string): Peer {
  return async (_, count, payload) => {
    const { Queue, Worker } = await load<Bull>('bullmq');
    const { hostname: host, port, username, password } = new URL(redisUrl);
    const connection = {
      host,
      port: Number(port),
      ...(username === '' ? {} : { username }),
      ...(password === '' ? {} : { password }),
      maxRetriesPerRequest: null,
    };
    const name = `count-${how}-${Math.floor(performance.now())}`;
    const queue = new Queue(name, { connection });
    for (const jobs of pagesOf(count, payload)) {
      await queue.addBulk(jobs.map((data) => ({ name, data })));
    }
    let handled = 0;
    const done = Promise.withResolvers<void>();
    const beganMs = performance.now();
    const work = async () => {
      handled += 1;
      if (handled === count) done.resolve();
    };
    const worker = new Worker(name, work, { connection, ...bullOptions[how] });
    await done.promise;
    const seconds = (performance.now() - beganMs) / 1_000;
    await worker.close();
    await queue.close();
    return count / seconds;
  };
}

function* pagesOf(count: number, payload: string): Generator<object[]> {
  for (let from = 0; from < count; from += insertMax) {
    const length = Math.min(insertMax, count - from);
    yield Array.from({ length }, (_, n) => ({ value: from + n, payload }));
  }
}
