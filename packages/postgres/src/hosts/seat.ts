import { refuse } from '../errors.ts';
import type { Answer } from '../wire/wire.ts';
import type { Host } from './host.ts';

/** `waited`: a replica had to be asked again; `fallback`: none got there in time. */
export type Route = 'replica' | 'primary' | 'waited' | 'fallback';

/** Where one attempt of a read goes, and what its rows must be shown to contain. */
export interface Seat {
  readonly host: Host;
  readonly route: Route;
  /** Judges the proof before any row reaches the caller; undefined where nothing is to be proven. */
  readonly accept: ((answer: Answer) => void) | undefined;
  /** True once a proof was refused: the read goes on elsewhere. */
  readonly isRefused: boolean;
  release(): void;
}

/** Of two chosen at random the one that would answer first; of few, the best. */
export function leastLoaded(found: readonly Host[]): Host {
  const [first, ...rest] = found;
  if (first === undefined) throw new TypeError('There is a host to choose.');
  return rest.reduce((best, host) => (host.load < best.load ? host : best), first);
}

export function behind(host: Host): Error {
  return refuse({
    message: `The replica ${host.name} has not reached what this client has seen.`,
    code: 'postgres.replica_behind',
    kind: 'unavailable',
    retryAfterMs: 100,
  });
}
