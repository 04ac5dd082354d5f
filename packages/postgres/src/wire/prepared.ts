/** A statement that this connection's server knows by name, or will once its first batch is answered. */
export interface Prepared {
  readonly name: string;
  /** Known when the server has described it: only then may a batch rely on the name. */
  columns: readonly string[] | undefined;
  usedAt: number;
}

/** The named statements of one connection. The least recently used goes when there are too many. */
export class PreparedStatements {
  readonly #max: number;
  readonly #byName = new Map<string, Prepared>();
  readonly #toClose = new Set<string>();
  #uses = 0;

  constructor(max: number) {
    this.#max = max;
  }

  find(name: string): Prepared | undefined {
    const found = this.#byName.get(name);
    if (found !== undefined) found.usedAt = this.#uses += 1;
    return found;
  }

  /**
   * @returns undefined where there is no place, as all the others wait for their first answer, or where the
   * server may still know an older statement by this name.
   */
  add(name: string): Prepared | undefined {
    if (this.#toClose.has(name)) return undefined;
    if (this.#byName.size >= this.#max && !this.#evict()) return undefined;
    const added: Prepared = { name, columns: undefined, usedAt: (this.#uses += 1) };
    this.#byName.set(name, added);
    return added;
  }

  /** The server may still know it: it is closed before the name is used again. */
  forget(prepared: Prepared): void {
    if (this.#byName.get(prepared.name) === prepared) this.#byName.delete(prepared.name);
    if (!this.#byName.has(prepared.name)) this.#toClose.add(prepared.name);
  }

  /** The names that a batch closes before all else: further behind, a failure could skip it. */
  takeToClose(): readonly string[] {
    if (this.#toClose.size === 0) return none;
    const names = [...this.#toClose];
    this.#toClose.clear();
    return names;
  }

  #evict(): boolean {
    let oldest: Prepared | undefined;
    for (const one of this.#byName.values()) {
      const isOlder = oldest === undefined || one.usedAt < oldest.usedAt;
      if (one.columns !== undefined && isOlder) oldest = one;
    }
    if (oldest === undefined) return false;
    this.forget(oldest);
    return true;
  }
}

const none: readonly string[] = [];
