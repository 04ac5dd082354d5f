/**
 * The newest event of each name, in constant memory: a count-min sketch of maxima with two rows in one array.
 * It never under-reports; two names that share both slots share the larger event, which is a needless miss.
 */
export class EventSketch {
  readonly #slots: Float64Array;
  readonly #mask: number;
  readonly #seeds: readonly [number, number];
  #used = 0;

  /** @param slotBits two to this power are the slots, eight bytes each. */
  constructor(slotBits: number, random: () => number) {
    this.#slots = new Float64Array(2 ** slotBits).fill(-1);
    this.#mask = 2 ** slotBits - 1;
    this.#seeds = [Math.floor(random() * 2 ** 32), Math.floor(random() * 2 ** 32)];
  }

  /** @param kind keys and tags of one text are two names. */
  raise(kind: 'k' | 't', name: string, seq: number): void {
    this.#raiseSlot(hashName(kind, name, this.#seeds[0]) & this.#mask, seq);
    this.#raiseSlot(hashName(kind, name, this.#seeds[1]) & this.#mask, seq);
  }

  /** −1: none. */
  newest(kind: 'k' | 't', name: string): number {
    const first = this.#slots[hashName(kind, name, this.#seeds[0]) & this.#mask] ?? -1;
    if (first === -1) return -1;
    const second = this.#slots[hashName(kind, name, this.#seeds[1]) & this.#mask] ?? -1;
    return Math.min(first, second);
  }

  /** Share of the slots in use, 0 to 1. */
  fill(): number {
    return this.#used / this.#slots.length;
  }

  #raiseSlot(slot: number, seq: number): void {
    const old = this.#slots[slot] ?? -1;
    if (old === -1) this.#used += 1;
    if (seq > old) this.#slots[slot] = seq;
  }
}

function hashName(kind: 'k' | 't', name: string, seed: number): number {
  return hashText(name, seed ^ kind.charCodeAt(0));
}

/** 32 bits: FNV-1a over UTF-16 units with murmur3's finalizer, so that low bits are as good as high ones. */
export function hashText(text: string, seed: number): number {
  let hash = (2_166_136_261 ^ seed) >>> 0;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85_eb_ca_6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2_b2_ae_35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
