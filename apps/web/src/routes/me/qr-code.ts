/**
 * A text as a QR code of ISO/IEC 18004: bytes, error correction L, versions 1 to 15 (520 bytes).
 * The mask is always the chequered one: it is valid for every symbol, and what is shown here is read from a screen.
 *
 * @returns rows of modules, true is dark; without the quiet zone of four.
 * @throws {RangeError} beyond 520 bytes.
 */
export function qrCode(text: string): readonly (readonly boolean[])[] {
  const bytes = new TextEncoder().encode(text);
  const version = versionFor(bytes.length);
  const grid = new Grid(version);
  grid.place(withCorrection(bitsOf(bytes, version), version));
  return grid.rows;
}

/** Correction codewords a block, and blocks, of level L by version. */
const correction = [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22] as const;
const blocks = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6] as const;
const wideCountFrom = 10;
const pads = [0xec, 0x11] as const;

const correctionOf = (version: number): number => correction[version - 1] ?? 0;
const blocksOf = (version: number): number => blocks[version - 1] ?? 1;
const alignedOf = (version: number): number => (version === 1 ? 0 : Math.floor(version / 7) + 2);

function codewordsOf(version: number): number {
  const aligned = alignedOf(version);
  let modules = (16 * version + 128) * version + 64;
  if (aligned > 0) modules -= (25 * aligned - 10) * aligned - 55;
  if (version >= 7) modules -= 36;
  return Math.floor(modules / 8);
}

function dataOf(version: number): number {
  return codewordsOf(version) - correctionOf(version) * blocksOf(version);
}

function versionFor(bytesCount: number): number {
  for (let version = 1; version <= correction.length; version += 1) {
    const head = version < wideCountFrom ? 2 : 3;
    if (bytesCount + head <= dataOf(version)) return version;
  }
  throw new RangeError(`${bytesCount} bytes are too many for a QR code of version 15.`);
}

/** Mode, count, bytes, terminator, padding. */
function bitsOf(bytes: Uint8Array, version: number): number[] {
  const bits: number[] = [];
  const add = (value: number, length: number) => {
    for (let at = length - 1; at >= 0; at -= 1) bits.push((value >>> at) & 1);
  };
  add(0b0100, 4);
  add(bytes.length, version < wideCountFrom ? 8 : 16);
  for (const byte of bytes) add(byte, 8);
  add(0, 4);
  const words: number[] = [];
  for (let at = 0; at < bits.length; at += 8) {
    words.push(bits.slice(at, at + 8).reduce((word, bit) => word * 2 + bit, 0));
  }
  const room = dataOf(version);
  for (let at = 0; words.length < room; at += 1) words.push(pads[at % 2] ?? 0);
  return words.slice(0, room);
}

/** Reed–Solomon a block, and the blocks' codewords by turns. */
function withCorrection(data: readonly number[], version: number): number[] {
  const count = blocksOf(version);
  const length = correctionOf(version);
  const whole = codewordsOf(version);
  const long = whole % count;
  const short = Math.floor(whole / count) - length;
  const parts: number[][] = [];
  for (let at = 0, from = 0; at < count; at += 1) {
    const to = from + short + (at >= count - long ? 1 : 0);
    parts.push(data.slice(from, to));
    from = to;
  }
  const checks = parts.map((part) => remainder(part, length));
  return [...byTurns(parts, short + 1), ...byTurns(checks, length)];
}

function byTurns(parts: readonly (readonly number[])[], length: number): number[] {
  return Array.from({ length }, (_, at) => parts.flatMap((part) => part[at] ?? [])).flat();
}

/** In GF(2⁸) modulo x⁸ + x⁴ + x³ + x² + 1. */
function times(one: number, other: number): number {
  let product = 0;
  for (let at = 7; at >= 0; at -= 1) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d);
    product ^= ((other >>> at) & 1) * one;
  }
  return product;
}

function remainder(data: readonly number[], length: number): number[] {
  const divisor = generator(length);
  const rest = Array.from({ length }, () => 0);
  for (const word of data) {
    const factor = word ^ (rest.shift() ?? 0);
    rest.push(0);
    for (const [at, coefficient] of divisor.entries()) {
      rest[at] = (rest[at] ?? 0) ^ times(coefficient, factor);
    }
  }
  return rest;
}

/** (x − 2⁰)(x − 2¹)…, without its leading 1. */
function generator(length: number): number[] {
  const coefficients: number[] = Array.from({ length }, (_, at) => (at === length - 1 ? 1 : 0));
  let root = 1;
  for (let turn = 0; turn < length; turn += 1) {
    for (let at = 0; at < length; at += 1) {
      const next = coefficients[at + 1] ?? 0;
      coefficients[at] = times(coefficients[at] ?? 0, root) ^ next;
    }
    root = times(root, 2);
  }
  return coefficients;
}

const formatOfLevelLMask0 = 0b111011111000100;

class Grid {
  readonly rows: boolean[][];
  readonly #fixed: boolean[][];
  readonly #size: number;

  constructor(version: number) {
    this.#size = 17 + 4 * version;
    const empty = () =>
      Array.from({ length: this.#size }, () => Array.from({ length: this.#size }, () => false));
    this.rows = empty();
    this.#fixed = empty();
    this.#drawTiming();
    this.#drawFinders();
    this.#drawAlignment(version);
    this.#drawFormat();
    if (version >= 7) this.#drawVersion(version);
  }

  /** Upwards and downwards in columns of two from the right, around what is fixed. */
  place(words: readonly number[]): void {
    const size = this.#size;
    let at = 0;
    for (let right = size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      const upwards = ((right + 1) & 2) === 0;
      for (let step = 0; step < size * 2; step += 1) {
        const y = upwards ? size - 1 - (step >> 1) : step >> 1;
        const x = right - (step & 1);
        if (this.#fixed[y]?.[x] === true) continue;
        const bit = ((words[at >> 3] ?? 0) >>> (7 - (at & 7))) & 1;
        this.#set(x, y, (bit === 1) !== ((x + y) % 2 === 0), false);
        at += 1;
      }
    }
  }

  #set(x: number, y: number, dark: boolean, fixed = true): void {
    const [row, marks] = [this.rows[y], this.#fixed[y]];
    if (row === undefined || marks === undefined || x < 0 || x >= this.#size) return;
    row[x] = dark;
    if (fixed) marks[x] = true;
  }

  #drawTiming(): void {
    for (let at = 0; at < this.#size; at += 1) {
      this.#set(6, at, at % 2 === 0);
      this.#set(at, 6, at % 2 === 0);
    }
  }

  /** Rings around a centre: `light` are the distances that stay light. */
  #drawRings(x: number, y: number, reach: number, light: readonly number[]): void {
    for (let dy = -reach; dy <= reach; dy += 1) {
      for (let dx = -reach; dx <= reach; dx += 1) {
        const distance = Math.max(Math.abs(dx), Math.abs(dy));
        this.#set(x + dx, y + dy, !light.includes(distance));
      }
    }
  }

  #drawFinders(): void {
    const far = this.#size - 4;
    for (const [x, y] of [
      [3, 3],
      [far, 3],
      [3, far],
    ] as const) {
      this.#drawRings(x, y, 4, [2, 4]);
    }
  }

  #drawAlignment(version: number): void {
    const count = alignedOf(version);
    if (count === 0) return;
    const step = Math.ceil((4 * version + 4) / (2 * count - 2)) * 2;
    const places = [6];
    for (let at = count - 2; at >= 0; at -= 1) places.push(this.#size - 7 - at * step);
    const last = this.#size - 7;
    for (const y of places) {
      for (const x of places) {
        const inFinder = (x === 6 && (y === 6 || y === last)) || (x === last && y === 6);
        if (!inFinder) this.#drawRings(x, y, 2, [1]);
      }
    }
  }

  #drawFormat(): void {
    const size = this.#size;
    for (let at = 0; at < 15; at += 1) {
      const dark = ((formatOfLevelLMask0 >>> at) & 1) === 1;
      if (at < 8) this.#set(8, at < 6 ? at : at + 1, dark);
      else this.#set(at === 8 ? 7 : 14 - at, 8, dark);
      if (at < 8) this.#set(size - 1 - at, 8, dark);
      else this.#set(8, size - 15 + at, dark);
    }
    this.#set(8, size - 8, true);
  }

  #drawVersion(version: number): void {
    let rest = version;
    for (let turn = 0; turn < 12; turn += 1) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25);
    const bits = (version << 12) | rest;
    for (let at = 0; at < 18; at += 1) {
      const dark = ((bits >>> at) & 1) === 1;
      const far = this.#size - 11 + (at % 3);
      const near = Math.floor(at / 3);
      this.#set(far, near, dark);
      this.#set(near, far, dark);
    }
  }
}
