import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { Pool } from 'undici';

import { httpClient } from './http/index.ts';
import { pipeline } from './pipeline.ts';
import { presets } from './presets.ts';

/** What the bench uses of its peers, which stand apart from the workspaces. */
interface Policy {
  execute(work: () => unknown): Promise<unknown>;
}
interface Cockatiel {
  readonly handleAll: unknown;
  readonly TimeoutStrategy: { readonly Aggressive: string };
  readonly ExponentialBackoff: new () => unknown;
  readonly SamplingBreaker: new (options: object) => unknown;
  readonly ConsecutiveBreaker: new (count: number) => unknown;
  wrap(...policies: readonly unknown[]): Policy;
  timeout(ms: number, strategy: string): unknown;
  retry(handled: unknown, options: object): unknown;
  circuitBreaker(handled: unknown, options: object): Policy;
  bulkhead(max: number, queue: number): unknown;
}
interface Opossum {
  new (work: () => Promise<unknown>, options: object): { fire(): Promise<unknown>; open(): void };
}

setFlagsFromString('--expose-gc');
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the flag adds
const collectGarbage = runInNewContext('gc') as () => void;

const require = createRequire(pathToFileURL(resolve('bench/package.json')));
const callsARound = 100_000;
const rounds = 9;
const bare = async () => 1;

type Run = () => Promise<unknown>;

function loadPeers(): { cockatiel: Cockatiel; Breaker: Opossum } {
  const [cockatiel, Breaker] = ['cockatiel', 'opossum'].map((name) => require(name));
  return { cockatiel, Breaker };
}

/** The guide's standard, with timeouts that end a callee which ignores its signal. */
function cockatielStandard(c: Cockatiel): Run {
  const policy = c.wrap(
    c.bulkhead(1_000, 0),
    c.timeout(30_000, c.TimeoutStrategy.Aggressive),
    c.retry(c.handleAll, { maxAttempts: 3, backoff: new c.ExponentialBackoff() }),
    c.circuitBreaker(c.handleAll, {
      halfOpenAfter: 5_000,
      breaker: new c.SamplingBreaker({ threshold: 0.5, duration: 10_000, minimumRps: 2 }),
    }),
    c.timeout(3_000, c.TimeoutStrategy.Aggressive),
  );
  return () => policy.execute(bare);
}

/** As one would tune it: no sampling, one timeout. */
function cockatielTuned(c: Cockatiel): Run {
  const policy = c.wrap(
    c.retry(c.handleAll, { maxAttempts: 3, backoff: new c.ExponentialBackoff() }),
    c.circuitBreaker(c.handleAll, { halfOpenAfter: 5_000, breaker: new c.ConsecutiveBreaker(5) }),
    c.timeout(3_000, c.TimeoutStrategy.Aggressive),
  );
  return () => policy.execute(bare);
}

async function microsOf(run: Run, calls = callsARound): Promise<number> {
  collectGarbage();
  const begin = performance.now();
  for (let call = 0; call < calls; call += 1) await run();
  return ((performance.now() - begin) * 1_000) / calls;
}

/** What the young generation grows by, over fewer calls than it has room for. */
async function bytesOf(run: Run): Promise<number> {
  const calls = 200;
  await microsOf(run, 2_000);
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let call = 0; call < calls; call += 1) await run();
  return (process.memoryUsage().heapUsed - before) / calls;
}

async function rejection(run: Run): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    return error;
  }
}

function openRun(): Run {
  const own = pipeline({ ...presets.standard('bench-open'), clock: frozenClock });
  for (let call = 0; call < 40; call += 1) void rejection(() => own.run(refuse));
  return () => rejection(() => own.run(bare));
}

/** The breaker stays open for as long as it is measured. */
const frozenClock = { mono: () => 1_000, every: () => () => undefined };
const refuse = () => {
  throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
};

async function cockatielOpen(c: Cockatiel): Promise<Run> {
  const breaker = c.circuitBreaker(c.handleAll, {
    halfOpenAfter: 3_600_000,
    breaker: new c.ConsecutiveBreaker(3),
  });
  const policy = c.wrap(c.timeout(30_000, c.TimeoutStrategy.Aggressive), breaker);
  for (let call = 0; call < 5; call += 1) await rejection(() => policy.execute(refuse));
  return () => rejection(() => policy.execute(bare));
}

/** 10,000 calls that wait at once, each with its timeout: the CPU that they take. */
async function inFlightCpu(begin: (release: Promise<void>) => Promise<unknown>): Promise<number> {
  const { promise, resolve: release } = Promise.withResolvers<void>();
  collectGarbage();
  const before = process.cpuUsage();
  const calls = Array.from({ length: 10_000 }, () => begin(promise));
  release();
  await Promise.all(calls);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

async function withTimer(release: Promise<void>): Promise<unknown> {
  const { promise, reject } = Promise.withResolvers<never>();
  const total = setTimeout(() => reject(new Error('total')), 30_000);
  const attempt = setTimeout(() => reject(new Error('attempt')), 3_000);
  try {
    return await Promise.race([release, promise]);
  } finally {
    clearTimeout(total);
    clearTimeout(attempt);
  }
}

interface Claim {
  readonly name: string;
  readonly unit: string;
  readonly better?: 'higher';
  readonly peerName: string;
  readonly target: number;
  ours(): Promise<number>;
  peer(): Promise<number>;
}

function us(target: number, name: string, peerName: string) {
  return { name, peerName, target, unit: 'µs' };
}

function callClaims(c: Cockatiel, Breaker: Opossum): Claim[] {
  const own = pipeline(presets.standard('bench'));
  const run = () => own.run(bare);
  const { signal } = new AbortController();
  const installed = cockatielStandard(c);
  const tuned = cockatielTuned(c);
  const opossum = new Breaker(bare, { timeout: 3_000, capacity: 1_000 });
  return [
    {
      ...us(20, 'pipeline', 'cockatiel, the same strategies'),
      ours: () => microsOf(run),
      peer: () => microsOf(installed, callsARound / 10),
    },
    {
      ...us(5, 'pipeline-tuned', 'cockatiel, three policies'),
      ours: () => microsOf(run),
      peer: () => microsOf(tuned, callsARound / 10),
    },
    {
      ...us(5, 'pipeline-opossum', 'opossum (no retry)'),
      ours: () => microsOf(run),
      peer: () => microsOf(() => opossum.fire(), callsARound / 10),
    },
    {
      ...us(0.5, 'with-signal', 'ours without a signal'),
      ours: () => microsOf(() => own.run(bare, { signal })),
      peer: () => microsOf(run),
    },
    {
      name: 'bytes',
      unit: 'B',
      peerName: 'cockatiel, the same strategies',
      target: 4,
      ours: () => bytesOf(run),
      peer: () => bytesOf(installed),
    },
    {
      name: 'in-flight',
      unit: 'ms CPU',
      peerName: 'setTimeout per call',
      target: 2,
      ours: () => inFlightCpu((release) => longer.run(() => release)),
      peer: () => inFlightCpu(withTimer),
    },
  ];
}

const longer = pipeline({ name: 'bench-wait', totalTimeoutMs: 30_000, attemptTimeoutMs: 3_000 });

async function openClaims(c: Cockatiel, Breaker: Opossum): Promise<Claim[]> {
  const ours = openRun();
  const peer = await cockatielOpen(c);
  const opossum = new Breaker(bare, { resetTimeout: 3_600_000 });
  opossum.open();
  const shut = () => rejection(() => opossum.fire());
  return [
    {
      name: 'open',
      unit: 'µs',
      peerName: 'cockatiel, open',
      target: 5,
      ours: () => microsOf(ours),
      peer: () => microsOf(peer, callsARound / 10),
    },
    {
      name: 'open-opossum',
      unit: 'µs',
      peerName: 'opossum, open',
      target: 5,
      ours: () => microsOf(ours),
      peer: () => microsOf(shut, callsARound / 10),
    },
  ];
}

/** 16 at a time, as a busy process asks; requests a second. */
async function requestsPerSecond(ask: Run, requests = 8_000): Promise<number> {
  let left = requests;
  const begin = performance.now();
  const ask16 = async () => {
    while (left > 0) {
      left -= 1;
      await ask();
    }
  };
  await Promise.all(Array.from({ length: 16 }, ask16));
  return requests / ((performance.now() - begin) / 1_000);
}

export const bench = {
  name: 'resilience',
  async open() {
    const { cockatiel, Breaker } = loadPeers();
    const server = createServer({ keepAliveTimeout: 72_000 }, (_request, response) =>
      response.end('{}'),
    );
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    assert(typeof address === 'object' && address !== null, 'the server listens on a port');
    const origin = `http://127.0.0.1:${address.port}`;
    const pool = new Pool(origin, { connections: 128, pipelining: 1 });
    const client = httpClient({ baseUrl: origin });
    const get = { method: 'GET', path: '/' };
    const http: Claim = {
      name: 'http',
      unit: 'requests/s',
      better: 'higher',
      peerName: 'bare undici Pool.request',
      target: 0.93,
      ours: () => requestsPerSecond(() => client.request(get)),
      peer: () => requestsPerSecond(async () => (await pool.request(get)).body.arrayBuffer()),
    };
    const claims = [
      ...callClaims(cockatiel, Breaker),
      ...(await openClaims(cockatiel, Breaker)),
      http,
    ];
    for (const { ours, peer } of claims) await Promise.all([ours(), peer()]);
    return {
      cases: claims.map(({ better = 'lower', ours, peer, ...rest }) => ({
        ...rest,
        better,
        rounds,
        async measure(oursFirst: boolean) {
          if (oursFirst) return { ours: await ours(), peer: await peer() };
          const peerValue = await peer();
          return { ours: await ours(), peer: peerValue };
        },
      })),
      async close() {
        await client.close();
        await pool.close();
        server.close();
      },
    };
  },
};
