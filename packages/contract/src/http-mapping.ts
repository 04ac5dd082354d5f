/** Exactly the presets of http.md. */
export type CachePreset = 'asset' | 'image' | 'page' | 'publicApi' | 'sensitive' | 'tenant';

export interface HttpOptions {
  /** `row`: by the output's `version`; `cache`: the cache entry's tag; `body`: a hash of the bytes. Default `none`. */
  readonly etag?: 'row' | 'cache' | 'body' | 'none';
  /** Default `tenant`. */
  readonly cache?: CachePreset;
  /** The input's `version` comes from If-Match; without the header: 428. */
  readonly ifMatch?: 'required';
  readonly idempotency?: 'required' | 'optional';
  /** Success status, default 200. */
  readonly status?: 200 | 201 | 202 | 204;
  /** A stream's representations, the first is the default. */
  readonly formats?: readonly ('ndjson' | 'csv')[];
  /**
   * The request's body is a file, streamed to the blob store before the operation runs; the input's `blob`
   * is its key, `fileName` its name.
   */
  readonly upload?: { readonly bytesMax: number; readonly types: readonly string[] };
  /**
   * The operation makes, replaces or ends the session: its output's field `cookie` (null: clear it) leaves the
   * body and becomes Set-Cookie.
   */
  readonly session?: true;
  /** This route is a list of the protocol in shapes.ts; its children `/summary` and `/rows` are operations too. */
  readonly list?: true;
}

export interface HttpMapping extends HttpOptions {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/v1`: `/invoices/:id`. Parameters are fields of the input; so are the query's (GET) and the body's. */
  readonly path: `/${string}`;
}

type Mapping = (path: `/${string}`, options?: HttpOptions) => HttpMapping;

export const get: Mapping = (path, options) => ({ ...options, method: 'GET', path });
export const post: Mapping = (path, options) => ({ ...options, method: 'POST', path });
export const put: Mapping = (path, options) => ({ ...options, method: 'PUT', path });
export const patch: Mapping = (path, options) => ({ ...options, method: 'PATCH', path });
export const del: Mapping = (path, options) => ({ ...options, method: 'DELETE', path });
