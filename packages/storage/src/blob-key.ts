import { Problem } from '@plinth/core';

const charactersMax = 200;
const partsMax = 8;
const part = '[A-Za-z0-9_][A-Za-z0-9._-]*';
const form = new RegExp(`^${part}(?:/${part}){1,${partsMax - 1}}$`, 'u');
/** A prefix begins with a whole tenant; its last part may be cut anywhere. */
const prefixForm = new RegExp(`^${part}/(?:${part}/)*(?:${part})?$`, 'u');

/** The tenant whose blob it is. @throws {Problem} `storage.bad_key`. */
export function tenantOfKey(key: string): string {
  if (key.length > charactersMax || !form.test(key)) throw badKey();
  return key.slice(0, key.indexOf('/'));
}

/** @throws {Problem} `storage.bad_key`. */
export function tenantOfPrefix(prefix: string): string {
  if (prefix.length > charactersMax || !prefixForm.test(prefix)) throw badKey();
  return prefix.slice(0, prefix.indexOf('/'));
}

/** @throws {Problem} `storage.bad_key` unless the key is the tenant's. */
export function checkOwner(key: string, tenant: string): void {
  if (tenantOfKey(key) !== tenant) throw badKey();
}

function badKey(): Problem {
  return new Problem(
    `A blob's key is TENANT/AREA/NAME: 2 to ${partsMax} parts of letters, digits, dot, dash and underscore, at most ${charactersMax} characters.`,
    { code: 'storage.bad_key', kind: 'invalid' },
  );
}
