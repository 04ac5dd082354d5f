import type { Attempt } from './attempt.ts';
import { Call, type Work } from './call.ts';
import { Hedge } from './hedge.ts';
import { Machine } from './machine.ts';
import { report } from './metrics.ts';
import type {
  CallContext,
  CallOptions,
  Pipeline,
  PipelineOptions,
  PipelineStats,
} from './options.ts';
import { checkOptions } from './validate.ts';

/**
 * All strategies as one state machine. Order, outside in: fallback, rate limit, bulkhead, total timeout, hedge,
 * retry, breaker, chaos, attempt timeout, call.
 *
 * @throws {TypeError} for options that cannot be kept.
 */
export function pipeline(options: PipelineOptions): Pipeline {
  checkOptions(options);
  const { fallback, hedge } = options;
  const { outer, inner } = machinesOf(options);
  const hedging = hedge === undefined ? undefined : new Hedge(hedge, inner);

  function begin(work: Work, callOptions: CallOptions | undefined): Promise<unknown> {
    return outer.refusal(callOptions) ?? start(new Call(outer, work, callOptions));
  }
  function beginHedged(work: Work, callOptions: CallOptions = {}): Promise<unknown> {
    if (hedging === undefined) return begin(work, callOptions);
    return begin((context) => hedging.run(work, callOptions, context), {
      ...callOptions,
      idempotent: false,
    });
  }
  async function beginWithFallback(work: Work, callOptions: CallOptions = {}): Promise<unknown> {
    try {
      return await beginHedged(work, callOptions);
    } catch (error) {
      if (callOptions.signal?.aborted === true || fallback === undefined) throw error;
      return fallBack(fallback, error, contextOf(outer, callOptions));
    }
  }
  const plain = hedge === undefined ? begin : beginHedged;
  const run = fallback === undefined ? plain : beginWithFallback;
  const stats = () => statsOf(outer, inner);
  const dispose = report(options, { outer, inner, stats });
  return {
    name: options.name,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is what `work` gives, or the fallback
    run: run as Pipeline['run'],
    breaker: inner.partitions,
    stats,
    dispose,
  };
}

function start(call: Call): Promise<unknown> {
  call.start();
  return call.promise;
}

/** Ends what runs outside of an AbortSignal, such as a request of undici, cheaper than by its signal. */
export function whenAborted(context: CallContext, listen: (reason: unknown) => void): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a pipeline gives its attempts as contexts
  (context as Attempt).whenAborted(listen);
}

/** With a hedge the strategies inside it are a machine of their own, which several calls of one run through. */
function machinesOf(options: PipelineOptions): { outer: Machine; inner: Machine } {
  const { hedge, name, totalTimeoutMs, bulkhead, rateLimit, clock, random } = options;
  if (hedge === undefined) {
    const machine = new Machine(options);
    return { outer: machine, inner: machine };
  }
  const outer = new Machine({
    name,
    ...(totalTimeoutMs === undefined ? {} : { totalTimeoutMs }),
    ...(bulkhead === undefined ? {} : { bulkhead }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
    ...(clock === undefined ? {} : { clock }),
    ...(random === undefined ? {} : { random }),
  });
  const { bulkhead: _bulkhead, rateLimit: _rateLimit, ...rest } = options;
  return { outer, inner: new Machine(rest) };
}

async function fallBack(
  fallback: NonNullable<PipelineOptions['fallback']>,
  error: unknown,
  context: CallContext,
): Promise<unknown> {
  try {
    return await fallback({ error }, context);
  } catch (own) {
    if (own instanceof Error && own.cause === undefined && own !== error) own.cause = error;
    throw own;
  }
}

function contextOf(
  { ticker }: Machine,
  { signal, deadlineMs = Infinity }: CallOptions,
): CallContext {
  return {
    signal: signal ?? new AbortController().signal,
    attempt: 0,
    deadline: deadlineMs,
    remainingMs: () => deadlineMs - ticker.mono(),
    hedged: false,
  };
}

function statsOf({ tally: outer, partitions: placed }: Machine, inner: Machine): PipelineStats {
  const { first, second, third, further, late, hedgeWins } = inner.tally;
  return {
    calls: { ...outer.calls },
    attempts: [first, second, third, further],
    late,
    hedgeWins,
    inFlight: outer.inFlight,
    queued: placed.all.reduce((sum, { bulkhead }) => sum + (bulkhead?.queued ?? 0), 0),
    breakerChanges: inner.partitions.changeCount,
  };
}
