import { Problem } from '@plinth/core';

import type { Names } from './cache.ts';

const nameBytesMax = 512;
const tagsMax = 32;
const namesMax = 10_000;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const control = /[\u0000-\u001f\u007f]/u;

/** @throws {Problem} `cache.invalid_name` unless it is 1 to 512 bytes without control characters. */
export function checkName(name: string): void {
  const isShort = name.length <= nameBytesMax / 3 || Buffer.byteLength(name) <= nameBytesMax;
  if (name !== '' && isShort && name.isWellFormed() && !control.test(name)) return;
  throw invalidName(`A name in the cache has 1 to ${nameBytesMax} bytes, no control characters.`);
}

/** @throws {Problem} `cache.invalid_name`; more than 32 tags of an entry are too many. */
export function checkTags(tags: Iterable<string>): void {
  let count = 0;
  for (const tag of tags) {
    checkName(tag);
    count += 1;
  }
  if (count > tagsMax) throw invalidName(`An entry has at most ${tagsMax} tags.`);
}

/** @throws {Problem} `cache.invalid_name`, before anything has happened. */
export function checkNames({ keys = [], tags = [] }: Names): void {
  if (keys.length + tags.length > namesMax) {
    throw invalidName(`One call invalidates at most ${namesMax} names.`);
  }
  for (const name of keys) checkName(name);
  for (const name of tags) checkName(name);
}

function invalidName(message: string): Problem {
  return new Problem(message, { code: 'cache.invalid_name', kind: 'internal' });
}

export const namesAnEntryMax = 1_000;

/** As many entries of the log as the names need; none of nothing. */
export function splitNames({ keys = [], tags = [] }: Names): Names[] {
  const all = [
    ...keys.map((name) => ({ kind: 'key' as const, name })),
    ...tags.map((name) => ({ kind: 'tag' as const, name })),
  ];
  const parts: Names[] = [];
  for (let at = 0; at < all.length; at += namesAnEntryMax) {
    const part = all.slice(at, at + namesAnEntryMax);
    parts.push({
      keys: part.flatMap(({ kind, name }) => (kind === 'key' ? [name] : [])),
      tags: part.flatMap(({ kind, name }) => (kind === 'tag' ? [name] : [])),
    });
  }
  return parts;
}
