import type { Random } from '@plinth/load';

const word = 0x1_0000_0000;
const hex4 = Array.from({ length: 65_536 }, (_, value) => value.toString(16).padStart(4, '0'));

/** UUIDv7 from a seeded source: the same seed makes the same ids, and each sorts by its own instant. */
export function createSeededIds(random: Random): (ms: number) => string {
  return (ms) => {
    const high = Math.floor(ms / 65_536);
    const a = Math.floor(random() * word);
    const b = Math.floor(random() * word);
    const c = Math.floor(random() * word);
    return `${hex4[high >>> 16] ?? ''}${hex4[high & 0xffff] ?? ''}-${hex4[ms % 65_536] ?? ''}-${hex4[0x7000 | (a >>> 20)] ?? ''}-${hex4[0x8000 | (a & 0x3fff)] ?? ''}-${hex4[b >>> 16] ?? ''}${hex4[b & 0xffff] ?? ''}${hex4[c >>> 16] ?? ''}`;
  };
}
