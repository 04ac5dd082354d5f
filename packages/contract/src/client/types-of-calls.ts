import type { z } from '@plinth/core/z';

import type { Module, Operation } from '../contract.ts';

/**
 * Module → operation → `METHOD /path flags`, as `scripts/render-routes.ts` writes it. Flags: `v` sends the
 * input's `version` as If-Match, `k` takes an idempotency key, `s` is a stream, `u` an upload.
 */
export type RouteTable = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Of one intent of the user, kept across its retries. Default: a fresh one a call. */
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
export interface UrlOptions {
  readonly format?: 'ndjson' | 'csv';
}

type Input<operation extends Operation> = z.input<operation['input']>;
/** An upload takes the file itself; the server turns it into a key of its blob store. */
type Sent<input> = string extends keyof input
  ? input
  : 'blob' extends keyof input
    ? Omit<input, 'blob'> & { readonly file: Blob }
    : input;
/** The session's cookie never reaches a script. */
type Seen<output> = output extends { readonly cookie: string | null }
  ? Omit<output, 'cookie'>
  : output;

type Call<operation> = operation extends Operation
  ? operation extends { readonly type: 'stream' }
    ? (input: Input<operation>, options?: UrlOptions) => string
    : operation extends { readonly output: z.ZodType }
      ? (
          input: Sent<Input<operation>>,
          options?: CallOptions,
        ) => Promise<Seen<z.output<operation['output']>>>
      : never
  : never;

/** What a browser holds of the modules. A stream's call gives its URL: the browser downloads it. */
export type BrowserClient<modules extends Readonly<Record<string, Module>>> = {
  readonly [module in keyof modules]: {
    readonly [operation in keyof modules[module]['operations']]: Call<
      modules[module]['operations'][operation]
    >;
  };
};
