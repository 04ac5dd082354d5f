import { createHash } from 'node:crypto';

import { Problem, type KeyRing, type TenantId } from '@plinth/core';

import type { Total } from '../listing.ts';
import type { Place } from './keyset.ts';

/** A position between rows, known by a row's keys: the row itself may be gone. */
export interface Cursor {
  readonly place: Place | { readonly id: string };
  /** Of the row that gave the place. */
  readonly rank: { readonly n: number; readonly exact: boolean };
  /** As it was found for the window that the cursor comes from. */
  readonly total: Total;
}

/** What a cursor belongs to; it opens nowhere else. */
export interface CursorScope {
  readonly tenant: TenantId;
  readonly list: string;
  readonly filter: string;
  readonly sort: string;
}

const layout = 1;
const cursorBytesMax = 512;

/**
 * Seals a cursor in at most 512 bytes. Keys that do not fit (long texts) are left out: then the
 * cursor knows the row's id, and is lost with the row.
 */
export function sealCursor(keys: KeyRing, scope: CursorScope, cursor: Cursor): string {
  const { place, rank, total } = cursor;
  const write = (content: Place | string) =>
    keys.seal(
      'cursor',
      Buffer.from(
        JSON.stringify([
          layout,
          content,
          rank.n,
          Number(rank.exact),
          total.n,
          Number(total.exact),
          total.asOf,
        ]),
      ),
      aadOf(scope),
    );
  const id = 'id' in place ? place.id : (place.at(-1) ?? '');
  const whole = write('id' in place ? id : place);
  return whole.length <= cursorBytesMax ? whole : write(id);
}

/**
 * @throws {Problem} `http.bad_cursor` for one that was tampered with, or belongs to another tenant,
 * list, filter or sort.
 */
export function openCursor(keys: KeyRing, scope: CursorScope, token: string): Cursor {
  const content = keys.open('cursor', token, aadOf(scope));
  const cursor = content && readContent(content);
  if (cursor === undefined) throw badCursor();
  return cursor;
}

export function badCursor(): Problem {
  return new Problem('The cursor is not one of this list with this filter and sort.', {
    code: 'http.bad_cursor',
    kind: 'invalid',
  });
}

/** We sealed it, so only an older version of this program can have written another form. */
function readContent(content: Buffer): Cursor | undefined {
  const fields: unknown = JSON.parse(content.toString());
  if (!Array.isArray(fields) || fields[0] !== layout) return undefined;
  const [, place, n, exact, totalN, totalExact, asOf]: unknown[] = fields;
  const isPlace = Array.isArray(place) && place.every((key) => typeof key === 'string');
  return {
    place: isPlace ? place : { id: String(place) },
    rank: { n: Number(n), exact: exact === 1 },
    total: { n: Number(totalN), exact: totalExact === 1, asOf: String(asOf) },
  };
}

function aadOf({ tenant, list, filter, sort }: CursorScope): string {
  const hash = createHash('sha256').update(`${filter}\n${sort}`).digest('base64url');
  return `${tenant} ${list} ${hash}`;
}
