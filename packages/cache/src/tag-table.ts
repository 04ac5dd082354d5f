import { grown } from './columns.ts';

/** The tags of what is in L1, each with an id: a hit compares two numbers and hashes nothing. Id 0 is no tag. */
export class TagTable {
  /** Newest event of each tag, hard or soft, by id. */
  any = new Float64Array(64).fill(-1);
  /** Newest hard event of each tag, by id. */
  hard = new Float64Array(64).fill(-1);
  readonly #ids = new Map<string, number>();
  readonly #names: string[] = [''];
  readonly #refs: number[] = [0];
  readonly #free: number[] = [];

  /** @param newest what the sketches know of a tag that is used for the first time. */
  retain(tag: string, newest: { readonly any: number; readonly hard: number }): number {
    const known = this.#ids.get(tag);
    if (known !== undefined) {
      this.#refs[known] = (this.#refs[known] ?? 0) + 1;
      return known;
    }
    const id = this.#free.pop() ?? this.#names.length;
    if (id >= this.any.length) this.#grow();
    this.#ids.set(tag, id);
    this.#names[id] = tag;
    this.#refs[id] = 1;
    this.any[id] = newest.any;
    this.hard[id] = newest.hard;
    return id;
  }

  release(id: number): void {
    if (id === 0) return;
    const refs = (this.#refs[id] ?? 0) - 1;
    this.#refs[id] = refs;
    if (refs > 0) return;
    this.#ids.delete(this.#names[id] ?? '');
    this.#names[id] = '';
    this.#free.push(id);
  }

  raise(tag: string, seq: number, kind: 'hard' | 'soft'): void {
    const id = this.#ids.get(tag);
    if (id === undefined) return;
    this.any[id] = Math.max(this.any[id] ?? -1, seq);
    if (kind === 'hard') this.hard[id] = Math.max(this.hard[id] ?? -1, seq);
  }

  /** 0: nothing in L1 has it. */
  idOf(tag: string): number {
    return this.#ids.get(tag) ?? 0;
  }

  nameOf(id: number): string {
    return this.#names[id] ?? '';
  }

  #grow(): void {
    this.any = grown(this.any);
    this.hard = grown(this.hard);
  }
}
