import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseDatabaseUrl } from './host-url.ts';

test('parseDatabaseUrl reads several hosts with the options that are for all of them', () => {
  const url = parseDatabaseUrl(
    'postgres://app:p%40ss@h1:5433,h2,[::1]:7/db?targetSessionAttrs=standby&loadBalanceHosts=false&hostRecheckSeconds=3&maxPoolSize=7&commandTimeout=9&applicationName=it&sslmode=require',
  );

  assert.deepEqual(url, {
    hosts: [
      { name: 'h1:5433', url: 'postgres://app:p%40ss@h1:5433/db?sslmode=require' },
      { name: 'h2:5432', url: 'postgres://app:p%40ss@h2:5432/db?sslmode=require' },
      { name: '[::1]:7', url: 'postgres://app:p%40ss@[::1]:7/db?sslmode=require' },
    ],
    attributes: 'standby',
    isBalanced: false,
    recheckMs: 3_000,
    poolMax: 7,
    commandMs: 9_000,
    applicationName: 'it',
  });
});

const refused = [
  ['mysql://h/db', /is postgres:\/\//u],
  ['postgres:///db', /is postgres:\/\//u],
  ['postgres://h:port/db', /name or an address/u],
  ['postgres://h:99999/db', /name or an address/u],
  ['postgres://h1,,h2/db', /name or an address/u],
  ['postgres://h/db?targetSessionAttr=any', /no option targetSessionAttr\./u],
  ['postgres://h/db?targetSessionAttrs=master', /targetSessionAttrs is one of any/u],
  ['postgres://h/db?loadBalanceHosts=yes', /loadBalanceHosts is true or false/u],
  ['postgres://h/db?hostRecheckSeconds=0', /hostRecheckSeconds is a whole number from 1 to 3600/u],
  ['postgres://h/db?maxPoolSize=1.5', /maxPoolSize is a whole number/u],
] as const;

for (const [text, message] of refused) {
  test(`parseDatabaseUrl refuses ${text}`, () => {
    assert.throws(() => parseDatabaseUrl(text), { code: 'postgres.bad_url', message });
  });
}
