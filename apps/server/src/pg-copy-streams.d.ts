declare module 'pg-copy-streams' {
  import type { Readable, Writable } from 'node:stream';

  import type { Submittable } from 'pg';

  /** Takes COPY's text, ends with the server's confirmation. */
  export function from(text: string): Writable & Submittable;

  /** Gives COPY's text as the server sends it. */
  export function to(text: string): Readable & Submittable;
}
