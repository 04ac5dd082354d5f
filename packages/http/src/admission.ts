/** Who asks decides how full the process may be for it: the share of the limit up to which it is admitted. */
const shares = {
  command: 1,
  query: 0.9,
  key: 0.75,
  anonymous: 0.6,
  export: 0.3,
} as const;
export type RequestClass = keyof typeof shares;

interface LoadSample {
  /** p99 of the last window. */
  readonly loopDelayMs: number;
  /** p90 of the last window, 0 where nothing waits for a connection. */
  readonly poolWaitMs: number;
}

export interface Admission {
  readonly limit: number;
  readonly inFlight: number;
  /** @returns false: to be shed, nothing was counted. */
  enter(requestClass: RequestClass): boolean;
  /** True if a request of this class would still be admitted beside those in flight. */
  hasRoom(requestClass: RequestClass): boolean;
  leave(): void;
  /** Once each 100 ms. */
  adapt(sample: LoadSample): void;
}

export interface AdmissionOptions {
  readonly shedDelayMs: number;
  readonly nowMs: () => number;
}

const limitAtStart = 64;
const limitMin = 16;
const limitMax = 2_000;
const calmDelayMs = 20;
const poolWaitMsMax = 100;
const cutRatio = 0.9;
const cutEachMs = 300;
const usedRatio = 0.8;
const growthRatio = 0.02;

/**
 * A limit on requests in flight that follows what the process can do: it is cut while the event loop is late and
 * grows while it is used and the loop is on time (additive increase, multiplicative decrease).
 */
export function createAdmission({ shedDelayMs, nowMs }: AdmissionOptions): Admission {
  let limit = limitAtStart;
  let inFlight = 0;
  let cutMs = -Infinity;
  const hasRoom = (requestClass: RequestClass) => inFlight < limit * shares[requestClass];

  return {
    get limit() {
      return Math.floor(limit);
    },
    get inFlight() {
      return inFlight;
    },
    hasRoom,
    enter(requestClass) {
      if (!hasRoom(requestClass)) return false;
      inFlight += 1;
      return true;
    },
    leave() {
      inFlight -= 1;
    },
    adapt({ loopDelayMs, poolWaitMs }) {
      if (loopDelayMs > shedDelayMs || poolWaitMs > poolWaitMsMax) {
        if (nowMs() - cutMs < cutEachMs) return;
        cutMs = nowMs();
        limit = Math.max(limitMin, limit * cutRatio);
      } else if (inFlight >= usedRatio * limit && loopDelayMs < calmDelayMs) {
        limit = Math.min(limitMax, limit + Math.max(1, growthRatio * limit));
      }
    },
  };
}
