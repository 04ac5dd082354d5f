import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';

import type { Cluster } from '@plinth/testing';

import type { Database } from '../database.ts';
import type { Ask } from './reader-fixture.ts';
import { contextOf, counterCluster, openAt, setCounter, type Routes } from './replicas-fixture.ts';

const isLong = process.env['PLINTH_TEST_LONG'] === '1';
const clients = 64;
const readsPerWrite = 5;
const readsMin = isLong ? 100_000 : 6_000;
const withoutTokensReads = 2_000;
/** How late each replica replays, phase by phase. */
const lags = [
  [0, 2_000],
  [2_000, 0],
  [0, 500],
  [1_000, 0],
] as const;
const phaseMs = 1_500;

interface Reader {
  ask(ask: Ask): Promise<{ stale: number; failed?: string }>;
  routes(): Promise<Routes>;
}

/** A process of its own, as another server of the product is. */
async function startReader(t: TestContext, url: string): Promise<Reader> {
  const child = fork(new URL('reader-fixture.ts', import.meta.url), [url]);
  const waiting = new Map<number, (result: unknown) => void>();
  t.after(async () => {
    const ended = once(child, 'exit');
    child.disconnect();
    await ended;
  });
  await once(child, 'message');
  child.on('message', (message: { at: number; result: unknown }) => {
    waiting.get(message.at)?.(message.result);
    waiting.delete(message.at);
  });
  let last = 0;
  const send = <result>(ask: Ask | 'routes') => {
    const at = (last += 1);
    const { promise, resolve } = Promise.withResolvers<result>();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the process answers each question with its own result
    waiting.set(at, resolve as (result: unknown) => void);
    child.send({ at, ask });
    return promise;
  };
  return { ask: (ask) => send(ask), routes: () => send('routes') };
}

interface Run {
  readonly writer: Database;
  readonly readers: readonly Reader[];
  readonly reads: number;
  readonly withTokens: boolean;
}

async function runClients({ writer, readers, reads, withTokens }: Run) {
  const sum = { reads: 0, stale: 0, failures: new Set<string>() };
  const client = async (index: number) => {
    const id = randomUUID();
    for (let n = 1; sum.reads < reads; n += 1) {
      const context = contextOf();
      await writer.run(context, setCounter, { id, n });
      const written = context.position.get('main');
      const seen =
        withTokens && written
          ? { timeline: written.timeline, lsn: written.lsn.toString() }
          : undefined;
      const reader = readers[(index + n) % readers.length];
      const answer = await reader?.ask({ id, n, times: readsPerWrite, seen });
      sum.reads += readsPerWrite;
      sum.stale += answer?.stale ?? 0;
      if (answer?.failed !== undefined) sum.failures.add(answer.failed);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
  return { ...sum, failures: [...sum.failures] };
}

/** Changes the replicas' lag until it is stopped. */
function varyLag(cluster: Cluster): () => Promise<void> {
  const stop = new AbortController();
  const varied = (async () => {
    for (let phase = 0; !stop.signal.aborted; phase += 1) {
      const [first = 0, second = 0] = lags[phase % lags.length] ?? [];
      // The faster one first: there is always one that is near.
      const inOrder = first < second ? ([1, 2] as const) : ([2, 1] as const);
      for (const node of inOrder) await cluster.lag(node, node === 1 ? first : second);
      await phaseEnd(stop.signal);
    }
  })();
  return async () => {
    stop.abort();
    await varied;
  };
}

async function phaseEnd(signal: AbortSignal): Promise<void> {
  const timeout = AbortSignal.any([signal, AbortSignal.timeout(phaseMs)]);
  if (!timeout.aborted) await once(timeout, 'abort');
}

test(
  'clients that carry their position never read older data than they wrote, and replicas serve them',
  { timeout: 1_200_000 },
  async (t) => {
    const cluster = await counterCluster(t);
    const writer = openAt(t, cluster.url, { poolMax: 16, acquireMs: 30_000 });
    const readers = [await startReader(t, cluster.url), await startReader(t, cluster.url)];
    const stopVarying = varyLag(cluster);

    const began = performance.now();
    const bare = await runClients({
      writer,
      readers,
      reads: withoutTokensReads,
      withTokens: false,
    });
    const before = await routesOf(readers);
    const run = await runClients({ writer, readers, reads: readsMin, withTokens: true });
    const after = await routesOf(readers);
    await stopVarying();

    const served = after.replica + after.waited - before.replica - before.waited;
    const all = served + after.primary + after.fallback - before.primary - before.fallback;
    t.diagnostic(
      `without tokens ${bare.stale} of ${bare.reads} stale; with tokens ${run.stale} of ${run.reads}, ` +
        `${((100 * served) / all).toFixed(1)} % on replicas, ${(performance.now() - began).toFixed(0)} ms`,
    );
    assert.deepEqual({ stale: run.stale, failures: run.failures }, { stale: 0, failures: [] });
    assert.ok(bare.stale > 0, 'without tokens stale reads are seen');
    assert.ok(served / all >= 0.8, `${served} of ${all} were served by replicas`);
  },
);

async function routesOf(readers: readonly Reader[]): Promise<Routes> {
  const sum: Routes = { replica: 0, primary: 0, waited: 0, fallback: 0 };
  for (const reader of readers) {
    const routes = await reader.routes();
    sum.replica += routes.replica;
    sum.waited += routes.waited;
    sum.primary += routes.primary;
    sum.fallback += routes.fallback;
  }
  return sum;
}
