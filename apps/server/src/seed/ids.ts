import type { Random } from '@plinth/load';

const word = 0x1_0000_0000;

/** A UUID as its four words, signed: rows take its bytes, and few ask for its text. */
export interface SeededId {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** UUIDv7 from a seeded source: the same seed makes the same ids, and each sorts by its own instant. */
export function createSeededIds(random: Random): (ms: number) => SeededId {
  return (ms) => {
    const first = Math.floor(random() * word);
    const second = Math.floor(random() * word);
    const third = Math.floor(random() * word);
    return {
      a: Math.floor(ms / 65_536) | 0,
      b: ((ms % 65_536) << 16) | 0x7000 | (first >>> 20),
      c: ((0x8000 | (first & 0x3fff)) << 16) | (second >>> 16),
      d: (second << 16) | (third >>> 16),
    };
  };
}

export function idText({ a, b, c, d }: SeededId): string {
  const hex = [a, b, c, d].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/u, '$1-$2-$3-$4-');
}

/** @param text of a UUID in its usual form. */
export function idOf(text: string): SeededId {
  const hex = text.replaceAll('-', '');
  const at = (place: number) => Number.parseInt(hex.slice(place, place + 8), 16) | 0;
  return { a: at(0), b: at(8), c: at(16), d: at(24) };
}
