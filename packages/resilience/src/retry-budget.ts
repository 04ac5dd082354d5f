const tokensMax = 100;
const retryCost = 10;
const successGain = 1;
/** Half the bucket is for short faults; a lasting one must not spend it. */
const tokensLeast = 50;

/** Retries of all pipelines to one target: in steady failure at most about one for ten calls that succeed. */
export interface RetryBudget {
  readonly tokens: number;
  /** False: no retry now. */
  take(): boolean;
  /** A call succeeded at its first attempt. */
  earn(): void;
}

export function createRetryBudget(): RetryBudget {
  let tokens = tokensMax;
  return {
    get tokens() {
      return tokens;
    },
    take() {
      if (tokens < tokensLeast) return false;
      tokens -= retryCost;
      return true;
    },
    earn() {
      if (tokens < tokensMax) tokens += successGain;
    },
  };
}

const named = new Map<string, RetryBudget>();
const namedMax = 1_000;

/** The budget of this name, shared by the whole process. */
export function retryBudget(name: string): RetryBudget {
  const known = named.get(name) ?? createRetryBudget();
  if (named.size < namedMax) named.set(name, known);
  return known;
}
