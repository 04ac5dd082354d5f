import type { Statement } from '@plinth/postgres';

const written =
  /\b(?:insert\s+into|update|delete\s+from|merge\s+into)\s+(?:only\s+)?([a-z_]\w*\.[a-z_]\w*)/giu;

/** Which of some tables a statement writes to, by its text: all names in it are qualified. */
export class WrittenTables {
  readonly #watched: ReadonlySet<string>;
  readonly #known = new WeakMap<object, readonly string[]>();

  constructor(watched: ReadonlySet<string>) {
    this.#watched = watched;
  }

  of(statement: Pick<Statement<never, unknown>, 'text'>): readonly string[] {
    const known = this.#known.get(statement);
    if (known !== undefined) return known;
    const names = [...statement.text.matchAll(written)].map(([, name = '']) => name.toLowerCase());
    const tables = [...new Set(names)].filter((name) => this.#watched.has(name));
    this.#known.set(statement, tables);
    return tables;
  }
}
