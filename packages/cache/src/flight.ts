import { Problem } from '@plinth/core';

import type { EntryOptions, FactoryContext } from './cache.ts';
import type { Deadlines } from './deadlines.ts';
import type { DataPosition, Position } from './position.ts';
import { checkTags } from './names.ts';
import type { Found } from './second-level.ts';
import { prepare, type Prepared } from './values.ts';

const hardTimeoutMsDefault = 10_000;

/** One read of one key: what the caller gave. */
export interface Request {
  readonly key: string;
  /** Of any type: what a key holds has the type that its callers say. */
  readonly factory: (context: FactoryContext<never>) => unknown;
  readonly options: EntryOptions;
  readonly region: number;
  /** Reads that share one load. */
  readonly batch?: Batch | undefined;
}

/** Waits for all its reads to have looked elsewhere, before one load for what was nowhere. */
export interface Batch {
  enter(): void;
  leave(): void;
}

export interface StaleValue {
  give(): unknown;
  etag(): string;
}

/** What the node captured when the flight began, before any I/O. */
export interface Capture {
  token(): Position;
  /** That `position` belongs to. */
  readonly generation: number;
  /** How many invalidations had been pended. */
  readonly pended: number;
  /** Ms of the clock. */
  readonly startedAt: number;
  readonly position: number;
  readonly applied: number;
  readonly minData: readonly DataPosition[];
  readonly stale: StaleValue | undefined;
}

/** A value has arrived; `prepared` is undefined for what is not to be kept. */
export interface Landed {
  readonly value: unknown;
  readonly prepared: Prepared | undefined;
  /** The second level had it: no factory ran. */
  readonly found: Found | undefined;
  /** The value, for one caller. */
  give(): unknown;
}

export interface FlightNeeds {
  readonly deadlines: Deadlines;
  readonly isStrict: boolean;
  /** Runs in the same turn as the value, before any waiter; without a value after a failure. */
  land(flight: Flight, landed: Landed | undefined): void;
  /** Looks where other processes keep values; undefined: there is no such place. */
  readonly search: ((flight: Flight) => Promise<Found | undefined>) | undefined;
  /** A value in grace that came to light since the flight began. */
  grace(): StaleValue | undefined;
}

/** One run of a factory that many may wait for. */
export class Flight {
  readonly capture: Capture;
  /** Those of the options and those that were found while reading. */
  readonly tags: Set<string>;
  readonly readAts = new Map<string, DataPosition>();
  ttl: number | undefined;
  /** What the second level had for it. */
  found: Found | undefined;
  readonly done: Promise<Landed>;
  readonly #outcome = Promise.withResolvers<Landed>();
  #isLanded = false;
  #failure: unknown;
  /** Made for who asks: few do, and it costs more than the rest. */
  #abort: AbortController | undefined;
  readonly #request: Request;
  readonly #needs: FlightNeeds;
  readonly #callOff: () => void;

  constructor(request: Request, capture: Capture, needs: FlightNeeds) {
    this.#request = request;
    this.#needs = needs;
    this.capture = capture;
    this.tags = new Set(request.options.tags);
    this.done = this.#outcome.promise;
    // Waiters hear of a failure; a flight in the background has none.
    this.done.catch(() => 'heard by whoever waits');
    const { hardTimeout = hardTimeoutMsDefault } = request.options;
    const tooLate = () => this.abort(timeoutProblem(hardTimeout));
    this.#callOff = needs.deadlines.add(hardTimeout, tooLate);
    this.#bring().then(
      (landed) => this.#arrive(landed),
      (error: unknown) => this.abort(error),
    );
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#failure !== undefined) this.#abort.abort(this.#failure);
    }
    return this.#abort.signal;
  }

  get isAborted(): boolean {
    return this.#failure !== undefined;
  }

  /** Fails, unless it has its value: whoever waits hears why. */
  abort(reason: unknown): void {
    if (this.#isLanded) return;
    this.#isLanded = true;
    this.#failure = reason ?? new TypeError('A factory failed without saying why.');
    this.#callOff();
    this.#needs.land(this, undefined);
    this.#abort?.abort(reason);
    this.#outcome.reject(reason);
  }

  #arrive(landed: Landed): void {
    if (this.#isLanded) return;
    this.#isLanded = true;
    this.#callOff();
    try {
      this.#needs.land(this, landed);
      this.#outcome.resolve(landed);
    } catch (error) {
      this.#abort?.abort(error);
      this.#outcome.reject(error);
    }
  }

  #bring(): Promise<Landed> {
    const { search } = this.#needs;
    if (search === undefined) return this.#produce();
    return search(this).then((found) => {
      if (found === undefined) return this.#produce();
      this.found = found;
      const { prepared } = found;
      const give = () => prepared.give();
      return { value: prepared.kept, prepared, found, give };
    });
  }

  async #produce(): Promise<Landed> {
    if (this.isAborted) throw this.#failure;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its stale value was made by a factory of the same key
    return this.#prepare(await this.#request.factory(this.#context() as FactoryContext<never>));
  }

  #prepare(value: unknown): Landed {
    // undefined says «I do not know»: it is handed on and never kept.
    if (value === undefined)
      return { value, prepared: undefined, found: undefined, give: () => value };
    try {
      const prepared = prepare(value, this.#request.options);
      return { value, prepared, found: undefined, give: () => prepared.give() };
    } catch (error) {
      if (this.#needs.isStrict) throw error;
      return { value, prepared: undefined, found: undefined, give: () => value };
    }
  }

  #context(): FactoryContext<unknown> {
    const { token, minData } = this.capture;
    const stale = this.capture.stale ?? this.#needs.grace();
    const signalOf = () => this.signal;
    return {
      get signal() {
        return signalOf();
      },
      get position() {
        return token();
      },
      minData,
      stale: stale && {
        value: stale.give(),
        get etag() {
          return stale.etag();
        },
      },
      tag: (...tags) => {
        checkTags([...this.tags, ...tags]);
        for (const tag of tags) this.tags.add(tag);
      },
      ttl: (ms) => {
        this.ttl = ms;
      },
      readAt: (position) => {
        this.readAts.set(position.source, position);
      },
      notModified() {
        if (stale === undefined) throw new TypeError('There is no stale value to keep.');
        return stale.give();
      },
    };
  }
}

function timeoutProblem(ms: number): Problem {
  return new Problem(`The value did not come within ${ms} ms.`, {
    code: 'cache.timeout',
    kind: 'timeout',
  });
}
