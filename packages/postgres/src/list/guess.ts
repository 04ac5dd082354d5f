import type { ListFieldType } from '../listing.ts';
import { formatInstant, instantMs } from '../time-text.ts';
import type { SortKey } from './sort.ts';

const dayMs = 86_400_000;

/** A key as a number, where its type has one and the value is finite. */
function toNumber(type: ListFieldType, key: string): number | undefined {
  const number = numberOf(type, key);
  return number !== undefined && Number.isFinite(number) ? number : undefined;
}

function numberOf(type: ListFieldType, key: string): number | undefined {
  if (type === 'number' || type === 'money') return Number(key);
  if (type === 'date') return Date.parse(`${key}T00:00:00Z`) / dayMs;
  return type === 'instant' ? instantMs(key) : undefined;
}

function toKey(type: ListFieldType, number: number): string {
  if (type === 'date') return new Date(Math.round(number) * dayMs).toISOString().slice(0, 10);
  if (type === 'instant') return new Date(Math.round(number)).toISOString();
  return String(Math.round(number));
}

/** A list's first and last value of its leading sort key. */
export interface Ends {
  readonly first: string;
  readonly last: string;
}

/**
 * The value at a part of the way from a list's first row to its last, as if its rows were evenly spread.
 *
 * @returns undefined where the leading key is no date and no number.
 */
export function guessKey(
  { type }: SortKey,
  { first, last }: Ends,
  ratio: number,
): string | undefined {
  const from = toNumber(type, first);
  const to = toNumber(type, last);
  if (from === undefined || to === undefined) return undefined;
  return toKey(type, from + (to - from) * ratio);
}

/** The part of the way at which a value lies; undefined where it cannot be said. */
export function guessRatio(
  { type }: SortKey,
  { first, last }: Ends,
  key: string,
): number | undefined {
  const from = toNumber(type, first);
  const to = toNumber(type, last);
  const at = toNumber(type, key);
  if (from === undefined || to === undefined || at === undefined || from === to) return undefined;
  return Math.min(Math.max((at - from) / (to - from), 0), 1);
}

/** A key as a person reads it. */
export function shownKey({ type }: SortKey, key: string): string {
  return type === 'instant' ? formatInstant(key) : key;
}
