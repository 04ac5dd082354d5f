import { Problem } from '@plinth/core';
import { t, type Codec } from '@plinth/postgres';

/** For columns whose content another schema checks. */
export const anyJson: Codec<unknown> = t.json({ parse: (input: unknown): unknown => input });

/** JSON that is text already: it was stringified once, when its size was measured. */
export const jsonText: Codec<string> = {
  type: 'jsonb',
  nullable: false,
  encode(text) {
    // The server's jsonb has no place for U+0000.
    if (!/(?<!\\)(?:\\\\)*\\u0000/u.test(text)) return text;
    throw new Problem('An event holds the character U+0000.', {
      code: 'messaging.bad_event',
      kind: 'internal',
    });
  },
  decode: (text) => text,
};
