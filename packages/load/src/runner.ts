import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';

import { Connections, type Request } from './connections.ts';
import { Histogram } from './histogram.ts';
import { createRandom, createZipf, planArrivals, type Random } from './random.ts';
import {
  checkMix,
  fill,
  fillText,
  pick,
  type Json,
  type Mix,
  type Scenario,
  type Step,
} from './scenario.ts';
import type { Visitor } from './visitor.ts';
import { Tally, type ErrorKind, type Slice } from './tally.ts';

export interface RunOptions {
  readonly target: URL;
  readonly mix: Mix;
  readonly visitors: readonly Visitor[];
  readonly ratePerS: number;
  readonly durationMs: number;
  readonly warmUpMs: number;
  readonly arrivals: 'poisson' | 'even';
  readonly seed: number;
  readonly timeoutMs: number;
  /** Above it an arrival is dropped and counted: default 4 × rate × 1 s. */
  readonly inFlightMax?: number;
  readonly signal: AbortSignal;
  onSecond?(slice: Slice): void;
}

export interface RunResult {
  readonly ratePerS: number;
  readonly durationMs: number;
  /** Arrivals after the warm-up, and how many of them were begun. */
  readonly planned: number;
  readonly sent: number;
  readonly byStep: ReadonlyMap<string, Tally>;
  readonly routes: ReadonlyMap<string, string>;
  readonly total: Tally;
  /** How late the generator itself was, in µs. */
  readonly sendLag: Histogram;
  readonly loopUtilization: number;
  readonly timeline: readonly Slice[];
}

const wakeEarlyMs = 0.5;

/**
 * Open loop: arrivals are decided before the run and never wait for an answer. Latency counts from the intended
 * start (against coordinated omission: Gil Tene, «How NOT to Measure Latency»).
 */
export async function run(options: RunOptions): Promise<RunResult> {
  checkMix(options.mix);
  const state = createState(options);
  const { schedule } = state;
  const loopBefore = performance.eventLoopUtilization();
  const start = performance.now();
  const ticker = setInterval(() => state.closeSecond(performance.now() - start), 1_000);
  const running = new Set<Promise<void>>();
  for (let next = 0; next < schedule.length && !options.signal.aborted;) {
    const now = performance.now() - start;
    while (next < schedule.length && (schedule[next] ?? 0) <= now) {
      const work = arrive(state, schedule[next] ?? 0, start).finally(() => running.delete(work));
      running.add(work);
      next += 1;
    }
    const waitMs = (schedule[next] ?? now) - (performance.now() - start) - wakeEarlyMs;
    await delay(Math.max(1, waitMs));
  }
  await Promise.all(running);
  clearInterval(ticker);
  state.connections.close();
  const utilization = performance.eventLoopUtilization(loopBefore).utilization;
  return state.finish(utilization);
}

interface State {
  readonly options: RunOptions;
  readonly connections: Connections;
  readonly schedule: Float64Array;
  readonly byStep: Map<string, Tally>;
  readonly sendLag: Histogram;
  readonly inFlightMax: number;
  inFlight: number;
  sent: number;
  second: Tally;
  chooseScenario(): Scenario;
  chooseVisitor(): Visitor;
  closeSecond(elapsedMs: number): void;
  finish(utilization: number): RunResult;
}

function createState(options: RunOptions): State {
  const { mix, visitors, ratePerS, durationMs, warmUpMs, seed } = options;
  const random = createRandom(seed);
  const timeline: Slice[] = [];
  const rank = createZipf(visitors.length, 0.99, random);
  const requestsPerArrival = meanSteps(mix);
  const schedule = planArrivals(
    ratePerS / requestsPerArrival,
    warmUpMs + durationMs,
    options.arrivals,
    random,
  );
  const state: State = {
    options,
    connections: new Connections(options.target),
    schedule,
    byStep: new Map(),
    sendLag: new Histogram(),
    inFlightMax: options.inFlightMax ?? Math.max(64, Math.ceil(4 * ratePerS)),
    inFlight: 0,
    sent: 0,
    second: new Tally(),
    chooseScenario: createChooser(mix.scenarios, random),
    chooseVisitor: () => {
      const visitor = visitors[rank()] ?? visitors[0];
      if (visitor === undefined) throw new TypeError('A load needs at least one visitor.');
      return visitor;
    },
    closeSecond: (elapsedMs) => closeSecond(state, timeline, elapsedMs),
    finish(utilization) {
      const total = new Tally();
      for (const tally of state.byStep.values()) total.merge(tally);
      const steps = mix.scenarios.flatMap((scenario) => scenario.steps);
      return {
        ratePerS,
        durationMs,
        planned: schedule.filter((at) => at >= warmUpMs).length,
        sent: state.sent,
        byStep: state.byStep,
        routes: new Map(steps.map(({ name, method, route }) => [name, `${method} ${route}`])),
        total,
        sendLag: state.sendLag,
        loopUtilization: utilization,
        timeline,
      };
    },
  };
  return state;
}

function closeSecond(state: State, timeline: Slice[], elapsedMs: number): void {
  const { second } = state;
  state.second = new Tally();
  const ms = (ratio: number) => second.latency.percentile(ratio) / 1_000;
  const slice: Slice = {
    second: Math.round(elapsedMs / 1_000),
    requests: second.requests,
    failed: second.failed,
    p50Ms: ms(0.5),
    p95Ms: ms(0.95),
    p99Ms: ms(0.99),
    inFlight: state.inFlight,
  };
  timeline.push(slice);
  state.options.onSecond?.(slice);
}

function meanSteps({ scenarios }: Mix): number {
  const weights = scenarios.reduce((sum, { weight }) => sum + weight, 0);
  return scenarios.reduce((sum, { weight, steps }) => sum + weight * steps.length, 0) / weights;
}

function createChooser(scenarios: readonly Scenario[], random: Random): () => Scenario {
  const total = scenarios.reduce((sum, { weight }) => sum + weight, 0);
  return () => {
    let left = random() * total;
    for (const scenario of scenarios) {
      left -= scenario.weight;
      if (left < 0) return scenario;
    }
    throw new TypeError('A mix needs at least one scenario.');
  };
}

/** One arrival walks through the steps of its scenario; the first step is due at `atMs`. */
async function arrive(state: State, atMs: number, start: number): Promise<void> {
  const counts = atMs >= state.options.warmUpMs;
  if (state.inFlight >= state.inFlightMax) {
    if (counts) tallyOf(state, 'dropped').add(0, 'dropped');
    return;
  }
  state.inFlight += 1;
  if (counts) state.sent += 1;
  const visitor = state.chooseVisitor();
  const values = visitor.draw();
  let dueMs = atMs;
  for (const step of state.chooseScenario().steps) {
    const sentMs = performance.now() - start;
    if (counts) {
      state.sendLag.record(Math.max(0, Math.round((sentMs - dueMs) * 1_000)));
    }
    const exchange = await state.connections.send(
      buildRequest(step, visitor, values),
      state.options.timeoutMs,
    );
    const endMs = performance.now() - start;
    const error =
      'fault' in exchange ? exchange.fault : judge(step, visitor, exchange.answer, values);
    if (counts) {
      const us = Math.max(0, Math.round((endMs - dueMs) * 1_000));
      tallyOf(state, step.name).add(us, error);
      state.second.add(us, error);
    }
    if (error !== undefined) break;
    dueMs = endMs;
  }
  state.inFlight -= 1;
}

function tallyOf({ byStep }: State, name: string): Tally {
  let tally = byStep.get(name);
  if (tally === undefined) {
    tally = new Tally();
    byStep.set(name, tally);
  }
  return tally;
}

function buildRequest(step: Step, visitor: Visitor, values: ReadonlyMap<string, Json>): Request {
  const encoded = new Map(
    [...values].map(([name, value]) => [
      name,
      typeof value === 'string' ? encodeURIComponent(value) : value,
    ]),
  );
  const headers: Record<string, string> = { ...visitor.headers };
  for (const [name, value] of Object.entries(step.headers ?? {}))
    headers[name] = fillText(value, values);
  if (step.keyed === true) headers['idempotency-key'] = randomUUID();
  const path = fillText(step.path, encoded);
  if (step.body === undefined) return { method: step.method, path, headers };
  headers['content-type'] = 'application/json';
  return { method: step.method, path, headers, body: JSON.stringify(fill(step.body, values)) };
}

type Judged = { readonly status: number; readonly body: Buffer };

/** The status is always looked at, and the body whenever a later step needs it. */
function judge(
  step: Step,
  visitor: Visitor,
  { status, body }: Judged,
  values: Map<string, Json>,
): ErrorKind | undefined {
  if (status === 429) return 'limited';
  if (!step.expect.includes(status)) {
    visitor.onRefused?.(step.name, status, body);
    return 'status';
  }
  for (const [name, pointer] of Object.entries(step.save ?? {})) {
    const [value] = pick(parseJson(body), pointer);
    if (value === undefined) return 'check';
    values.set(name, value);
  }
  return undefined;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function delay(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, ms);
  await promise;
}
