import { Problem, type Clock } from '@plinth/core';

/** What a subscription asks about the dependencies that it names; @plinth/resilience has breakers of this form. */
export interface Breakers {
  state(name: string): 'closed' | 'open' | 'half-open' | 'isolated';
}

/** Lets a subscription's events run only while what it needs is there. */
export interface Gate {
  /** False: not now. True: whoever asked says how it went. */
  enter(): boolean;
  leave(how: 'passed' | 'down'): void;
  readonly isShut: boolean;
}

const pauseMsMin = 1_000;
const pauseMsMax = 30_000;

/**
 * Shut while a breaker is open, and for 1 s, then up to 30 s, after an error that says that the dependency is
 * down; then one event goes through to see.
 */
export function createGate(
  clock: Clock,
  needs: readonly string[],
  breakers: Breakers | undefined,
): Gate {
  let failures = 0;
  let untilMs = Number.NEGATIVE_INFINITY;
  let isProbing = false;

  const states = () => needs.map((name) => breakers?.state(name) ?? 'closed');
  const isShut = () =>
    clock.mono() < untilMs || states().some((state) => state === 'open' || state === 'isolated');
  return {
    enter() {
      if (isShut()) return false;
      const isDoubtful = failures > 0 || states().includes('half-open');
      if (!isDoubtful) return true;
      if (isProbing) return false;
      isProbing = true;
      return true;
    },
    leave(how) {
      isProbing = false;
      failures = how === 'down' ? failures + 1 : 0;
      if (how === 'down') {
        untilMs = clock.mono() + Math.min(pauseMsMin * 2 ** (failures - 1), pauseMsMax);
      }
    },
    get isShut() {
      return isShut();
    },
  };
}

const downCodes = new Set([
  'resilience.circuit_open',
  'resilience.isolated',
  'messaging.dependency_down',
]);

/** It says nothing about the event: no attempt counts. */
export function isDependencyDown(error: unknown): boolean {
  return error instanceof Problem && downCodes.has(error.code);
}
