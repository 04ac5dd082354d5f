import type { Codec, Codecs, In, Out } from './codec.ts';

export interface StatementOptions {
  /** Default: a hash of the text. Stands in metrics and the slow-query log. */
  readonly name?: string;
  /** Reads one row by its whole key, on the hottest paths: planned once for all tenants. */
  readonly hot?: boolean;
  /** False: one of so many texts that none is worth keeping on a connection. Default: true for a text with parameters. */
  readonly prepared?: boolean;
  readonly timeoutMs?: number;
  readonly class?: 'simple' | 'report';
}

/** A statement as a value: its text, and the codecs of its parameters and rows, compared with a migrated database by the check. */
export interface Statement<params, row> {
  readonly name: string;
  readonly text: string;
  /** Names of the parameters in the order of `$1 …`. */
  readonly order: readonly string[];
  readonly params: Readonly<Record<string, Codec<unknown>>>;
  readonly row: Readonly<Record<string, Codec<unknown>>>;
  readonly options: StatementOptions;
  /** Types only; never read. */
  readonly _types?: { params: (params: params) => void; row: row };
}

/** A piece of SQL text that was declared in code, for `sql.any` and `sql.fragment`. */
export interface Fragment {
  readonly fragment: string;
}

export type SqlTag = {
  /**
   * A statement with visible SQL: `sql({ id: t.uuid }, { total: t.int8 })\`select … where id = ${'id'}\``.
   * A hole is the name of a parameter or a declared Fragment; there is no raw text.
   */
  <params extends Codecs, row extends Codecs>(
    params: params,
    row: row,
    options?: StatementOptions,
  ): (
    text: TemplateStringsArray,
    ...holes: readonly ((keyof params & string) | Fragment)[]
  ) => Statement<In<params>, Out<row>>;
  /** Constant text that several statements share, such as a column list. */
  fragment(text: TemplateStringsArray): Fragment;
};
