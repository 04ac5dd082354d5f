import type { Wanted } from './joint.ts';
import type { Page } from './row-source.ts';

export interface Kept {
  readonly id: string;
  readonly version: string;
  readonly key: number;
}

/** A list in order of `key`, whose cursors are positions: «after key 7». */
export class Server {
  readonly rows: { readonly key: number; readonly id: string; readonly created: number }[] = [];
  #clock = 0;
  #next = 0;

  now(): number {
    this.#clock += 1;
    return this.#clock;
  }

  insert(key: number): void {
    if (this.rows.some((row) => row.key === key)) return;
    this.#next += 1;
    this.rows.push({ key, id: `r${this.#next}`, created: this.now() });
    this.rows.sort((a, b) => a.key - b.key);
  }

  delete(at: number): void {
    if (this.rows.length > 0) this.rows.splice(at % this.rows.length, 1);
  }

  answer({ query }: Wanted): Page<Kept> {
    const begin = this.#begin(query);
    const picked = this.rows.slice(Math.max(0, begin), begin + query.limit);
    const from = Math.max(0, begin);
    const [first, last] = [picked[0], picked.at(-1)];
    return {
      items: picked.map(({ id, key }) => ({ id, key, version: '1' })),
      prev: first === undefined || from === 0 ? null : String(first.key),
      next:
        last === undefined || from + picked.length >= this.rows.length ? null : String(last.key),
      rank: { n: from, exact: true },
      total: { n: this.rows.length, exact: true },
    };
  }

  #begin({ after, before, rank, limit }: Wanted['query']): number {
    if (after !== undefined) return countBelow(this.rows, Number(after), true);
    if (before !== undefined) {
      const end = countBelow(this.rows, Number(before), false);
      return end < limit ? end - limit : end - limit;
    }
    return Math.min(rank ?? 0, this.rows.length);
  }
}

function countBelow(rows: readonly { key: number }[], key: number, inclusive: boolean): number {
  return rows.filter((row) => row.key < key || (inclusive && row.key === key)).length;
}

/** Which rows were seen side by side, and when last. */
export class Proofs {
  readonly #at = new Map<string, number>();

  note(page: Page<Kept>, wanted: Wanted, at: number): void {
    const ids = page.items.map(({ id }) => id);
    const seen = [
      ...(wanted.query.after === undefined ? [] : [wanted.edge ?? '']),
      ...ids,
      ...(wanted.query.before === undefined ? [] : [wanted.edge ?? '']),
    ];
    for (const [index, id] of seen.entries()) {
      const next = seen[index + 1];
      if (next !== undefined) this.#at.set(`${id} ${next}`, at);
    }
  }

  of(one: string, other: string): number | undefined {
    return this.#at.get(`${one} ${other}`);
  }
}
