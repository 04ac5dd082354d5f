import { Problem } from '@plinth/core';

/** Parses a body; an empty one is no body. Keys that would be a prototype are found as unknown fields. */
export function parseJson(
  body: string | Buffer,
  done: (error: Error | null, value?: unknown) => void,
): void {
  if (body.length === 0) {
    done(null);
    return;
  }
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch (error) {
    done(
      new Problem('The body is not JSON.', {
        code: 'http.bad_json',
        kind: 'invalid',
        cause: error,
      }),
    );
    return;
  }
  done(null, value);
}
