import type { CachePreset } from '@plinth/contract';

/** Exactly the strings that caches on the way see. */
export const cacheControl: Readonly<Record<CachePreset, string>> = Object.freeze({
  asset: 'public, max-age=31536000, immutable',
  image: 'public, max-age=2592000',
  page: 'public, max-age=0, must-revalidate',
  publicApi: 'public, max-age=60, stale-while-revalidate=300',
  sensitive: 'no-store, no-cache, must-revalidate, private',
  tenant: 'private, no-cache',
});

/** Errors are not kept, but for what a public API does not have. */
export const errorCacheControl = 'no-store';
export const publicMissCacheControl = 'public, max-age=10';

/** What the answer depends on besides its URL. */
export const tenantVary = 'Cookie, Authorization';

export function isPublic(preset: CachePreset): boolean {
  return cacheControl[preset].startsWith('public');
}
