import { hash } from 'node:crypto';

/** What If-Match asks for. */
export type Precondition =
  | { readonly type: 'any' }
  /** Row versions, in base 36, at most 8. */
  | { readonly type: 'versions'; readonly versions: readonly string[] };

const tagsMax = 8;
const hashCharacters = 4;
const rowTag = /^(?:W\/)?"(?:[0-9a-z]{4}-)?([0-9a-z]{1,13})"$/u;

/**
 * Short hash of a representation's schema: the first part of its rows' tags, so that a release that shows a row
 * differently does not confirm what the last one showed.
 */
export function schemaHash(schema: unknown): string {
  const digest = hash('sha256', JSON.stringify(schema), 'hex');
  return BigInt(`0x${digest.slice(0, 12)}`)
    .toString(36)
    .slice(0, hashCharacters)
    .padStart(4, '0');
}

/** Strong: `"k3f1-2s"`. */
export function rowTagOf(representation: string, version: string): string {
  return `"${representation}-${version}"`;
}

/** Strong: SHA-256, 128 bits of it. */
export function bodyTag(body: string | Buffer): string {
  return `"${hash('sha256', body, 'base64url').slice(0, 22)}"`;
}

/** RFC 9110, 13.1.2: weak comparison, `*` matches whatever there is. */
export function matchesNone(ifNoneMatch: string, tag: string): boolean {
  if (ifNoneMatch === tag || ifNoneMatch === '*') return true;
  return ifNoneMatch.split(',').some((one) => one.trim().replace(/^W\//u, '') === tag);
}

/**
 * Reads If-Match as row versions. Our own tags count with or without `W/`: they name a row's version, not its
 * bytes, and a proxy that compresses weakens them.
 *
 * @returns undefined for anything else than `*` or up to eight of our tags.
 */
export function readIfMatch(header: string): Precondition | undefined {
  const trimmed = header.trim();
  if (trimmed === '*') return { type: 'any' };
  const versions = trimmed.split(',').map((tag) => rowTag.exec(tag.trim())?.[1]);
  const known = versions.filter((version) => version !== undefined);
  if (known.length !== versions.length || known.length > tagsMax) return undefined;
  return { type: 'versions', versions: known };
}
