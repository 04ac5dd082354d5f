import { Problem } from '@plinth/core';

import type { Head } from './head.ts';

const safe = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses what another site's page sends in a person's name. Browsers tell where a request comes from; what tells
 * nothing and carries a cookie is refused as well.
 *
 * @throws {Problem} `http.csrf`
 */
export function checkOrigin(
  method: string,
  head: Head,
  from: { readonly hasCookie: boolean; readonly origins: ReadonlySet<string> },
): void {
  if (safe.has(method) || isOurs(head, from)) return;
  throw new Problem('This request does not come from our own pages.', {
    code: 'http.csrf',
    kind: 'forbidden',
  });
}

function isOurs(
  { fetchSite, origin }: Head,
  { hasCookie, origins }: { readonly hasCookie: boolean; readonly origins: ReadonlySet<string> },
): boolean {
  if (fetchSite !== '') return fetchSite === 'same-origin' || fetchSite === 'none';
  if (origin !== '') return origins.has(origin);
  return !hasCookie;
}
