declare module 'pg-copy-streams' {
  import type { Writable } from 'node:stream';

  import type { Submittable } from 'pg';

  /** Takes COPY's text, ends with the server's confirmation. */
  export function from(text: string): Writable & Submittable;
}
