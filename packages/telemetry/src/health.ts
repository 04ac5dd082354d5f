import type {
  Clock,
  Histogram,
  HealthCheck,
  HealthRegistry,
  HealthReport,
  HealthState,
  Meter,
} from '@plinth/core';

const everyMsDefault = 5_000;
const timeoutMsDefault = 1_000;
const failAfterDefault = 2;
/** No answer for so many intervals is unknown, and that is down. */
const intervalsMax = 3;
const changesMax = 200;

export interface HealthChange {
  readonly name: string;
  readonly state: HealthState;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly error: string | undefined;
}

interface Watched {
  readonly check: HealthCheck;
  state: HealthState;
  answered: boolean;
  failures: number;
  inFlight: boolean;
  since: number;
  answeredAt: number;
  tookMs: number;
  error: string | undefined;
  cancel: (() => void) | undefined;
}

interface Answer {
  readonly state: HealthState;
  readonly error: string | undefined;
}

const labels = {
  check: { declared: true },
  severity: { oneOf: ['critical', 'degraded'] },
} as const;
const stateNumber = { down: 0, degraded: 1, up: 2 } as const;

/** Runs each check on a timer of its own; a request reads what the last run said. */
export class BackgroundHealth implements HealthRegistry {
  readonly #clock: Clock;
  readonly #took: Histogram;
  readonly #watched = new Map<string, Watched>();
  readonly #changes: HealthChange[] = [];
  #running: AbortController | undefined;

  constructor(clock: Clock, meter: Meter) {
    this.#clock = clock;
    const name = 'plinth_health_check_duration_seconds';
    this.#took = meter.histogram({ name, help: 'Time of a health check.', unit: 's', labels });
    const status = { name: 'plinth_health_status', help: '0 down, 1 degraded, 2 up.' } as const;
    meter.observable({ ...status, unit: '1', labels }, (set) => {
      for (const { check, severity, state } of this.report().map(toStatus)) {
        set(stateNumber[state], { check, severity });
      }
    });
  }

  add(check: HealthCheck): void {
    if (this.#watched.has(check.name)) {
      throw new TypeError(`Two health checks are named ${check.name}.`);
    }
    const one: Watched = {
      check,
      state: 'down',
      answered: false,
      failures: 0,
      inFlight: false,
      since: this.#clock.now(),
      answeredAt: this.#clock.mono(),
      tookMs: 0,
      error: 'no answer yet',
      cancel: undefined,
    };
    this.#watched.set(check.name, one);
    if (this.#running !== undefined) this.#watch(one, this.#running.signal);
  }

  report(): readonly HealthReport[] {
    return [...this.#watched.values()].map((one) => ({
      name: one.check.name,
      severity: one.check.severity,
      state: this.#stateOf(one),
      sinceMs: one.since,
      tookMs: one.tookMs,
      ...(one.error === undefined ? {} : { error: one.error }),
    }));
  }

  ready(): boolean {
    return this.report().every(
      ({ severity, state }) => severity === 'degraded' || state !== 'down',
    );
  }

  /** The last 200, oldest first. */
  changes(): readonly HealthChange[] {
    return this.#changes;
  }

  start(): void {
    if (this.#running !== undefined) return;
    this.#running = new AbortController();
    for (const one of this.#watched.values()) this.#watch(one, this.#running.signal);
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    for (const one of this.#watched.values()) one.cancel?.();
  }

  #watch(one: Watched, signal: AbortSignal): void {
    void this.#run(one, signal);
    const everyMs = one.check.everyMs ?? everyMsDefault;
    one.cancel = this.#clock.every(everyMs, () => this.#run(one, signal), { jitterRatio: 0.1 });
  }

  async #run(one: Watched, signal: AbortSignal): Promise<void> {
    // A check that ignores its signal stays in flight: never two of them.
    if (one.inFlight) {
      return this.#settle(one, { state: 'down', error: 'the last run has not ended' });
    }
    one.inFlight = true;
    const start = this.#clock.mono();
    const ended = new AbortController();
    const answer = await Promise.race([
      ask(one, AbortSignal.any([signal, ended.signal])),
      giveUp(this.#clock, one.check.timeoutMs ?? timeoutMsDefault, ended.signal),
    ]);
    ended.abort();
    if (signal.aborted) return;
    one.tookMs = this.#clock.mono() - start;
    const { name, severity } = one.check;
    this.#took.bind({ check: name, severity }).observe(one.tookMs / 1_000);
    this.#settle(one, answer);
  }

  #settle(one: Watched, answer: Answer): void {
    const first = !one.answered;
    one.answered = true;
    one.answeredAt = this.#clock.mono();
    one.error = answer.error;
    one.failures = answer.state === 'down' ? one.failures + 1 : 0;
    const failAfter = first ? 1 : (one.check.failAfter ?? failAfterDefault);
    const state = answer.state === 'down' && one.failures < failAfter ? one.state : answer.state;
    if (state === one.state && !first) return;
    one.state = state;
    one.since = this.#clock.now();
    this.#changes.push({ name: one.check.name, state, at: one.since, error: answer.error });
    if (this.#changes.length > changesMax) this.#changes.shift();
  }

  #stateOf(one: Watched): HealthState {
    const everyMs = one.check.everyMs ?? everyMsDefault;
    const aged = this.#clock.mono() - one.answeredAt > intervalsMax * everyMs;
    return one.answered && !aged ? one.state : 'down';
  }
}

function toStatus({ name, severity, state }: HealthReport) {
  return { check: name, severity, state };
}

async function ask(one: Watched, signal: AbortSignal): Promise<Answer> {
  try {
    return { state: await one.check.check(signal), error: undefined };
  } catch (error) {
    return { state: 'down', error: error instanceof Error ? error.message : String(error) };
  } finally {
    one.inFlight = false;
  }
}

async function giveUp(clock: Clock, timeoutMs: number, signal: AbortSignal): Promise<Answer> {
  const gaveUp = { state: 'down', error: `no answer within ${timeoutMs} ms` } as const;
  // An abort means that the check was faster: nobody reads this answer.
  return clock.sleep(timeoutMs, signal).then(
    () => gaveUp,
    () => gaveUp,
  );
}
