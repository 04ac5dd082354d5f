import type { DataPosition } from './position.ts';

const sourcesMax = 64;
const ringMax = 1_024;

interface Mark {
  readonly seq: number;
  readonly position: DataPosition;
}
interface Source {
  timeline: number;
  /** By seq; `position` is the highest up to here. */
  readonly ring: Mark[];
}

/**
 * Which data each event of the log stands for: what a fill from a replica must have seen. It asks for more than
 * the names alone need, by no more than the commits that came before their newest one.
 */
export class DataRings {
  readonly #sources = new Map<string, Source>();
  #isReady: boolean;

  /** @param isReady false until the sources' own positions are known: `start`. */
  constructor(isReady: boolean) {
    this.#isReady = isReady;
  }

  /** Nothing is known of any source. */
  get isEmpty(): boolean {
    return this.#sources.size === 0;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  start(seq: number, positions: readonly DataPosition[]): void {
    for (const position of positions) this.add(seq, position);
    this.#isReady = true;
  }

  add(seq: number, position: DataPosition): void {
    const source = this.#sourceOf(position.source);
    source.timeline = Math.max(source.timeline, position.timeline);
    const last = source.ring.at(-1);
    const highest =
      last !== undefined && isBehind(position, last.position) ? last.position : position;
    if (last?.seq === seq) source.ring.pop();
    source.ring.push({ seq, position: highest });
    if (source.ring.length > ringMax) source.ring.shift();
  }

  /** What a reader needs whose names' newest event is `seq`. */
  required(seq: number): DataPosition[] {
    return [...this.#sources.keys()].flatMap((source) => this.#requiredOf(source, seq) ?? []);
  }

  /** True if data read at `position` holds all that names with this newest event need. */
  isEnough(seq: number, position: DataPosition): boolean {
    const source = this.#sources.get(position.source);
    if (source === undefined) return this.#isReady;
    const required = this.#requiredOf(position.source, seq);
    if (position.timeline < source.timeline) return false;
    return this.#isReady && (required === undefined || !isBehind(position, required));
  }

  /** Older than the ring: its oldest mark, which may ask for too much and never for too little. */
  #requiredOf(name: string, seq: number): DataPosition | undefined {
    const ring = this.#sources.get(name)?.ring ?? [];
    let low = 0;
    let high = ring.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ring[middle]?.seq ?? 0) <= seq) low = middle + 1;
      else high = middle;
    }
    const isCut = ring.length === ringMax;
    return (ring[low - 1] ?? (isCut ? ring[0] : undefined))?.position;
  }

  #sourceOf(name: string): Source {
    const known = this.#sources.get(name);
    if (known !== undefined) return known;
    if (this.#sources.size >= sourcesMax) {
      throw new RangeError(`The cache follows at most ${sourcesMax} data sources.`);
    }
    const made: Source = { timeline: 0, ring: [] };
    this.#sources.set(name, made);
    return made;
  }
}

export function isBehind(one: DataPosition, other: DataPosition): boolean {
  if (one.timeline !== other.timeline) return one.timeline < other.timeline;
  return one.at < other.at;
}

/** The higher of each source. */
export function highestOf(positions: readonly DataPosition[]): DataPosition[] {
  if (positions.length === 0) return [];
  const highest = new Map<string, DataPosition>();
  for (const position of positions) {
    const old = highest.get(position.source);
    if (old === undefined || isBehind(old, position)) highest.set(position.source, position);
  }
  return [...highest.values()];
}
