import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';

import { matchPath } from './match.ts';

const routes = [
  { path: '/' },
  { path: '/invoices' },
  { path: '/invoices/new' },
  { path: '/invoices/:id' },
  { path: '/invoices/:id/edit' },
  { path: '/settings/*' },
] as const;

const found = (path: string) => {
  const match = matchPath(routes, path);
  return match && [match.route.path, match.params];
};

test('matchPath takes the first pattern that fits', () => {
  deepEqual(found('/'), ['/', {}]);
  deepEqual(found('/invoices/'), ['/invoices', {}]);
  deepEqual(found('/invoices/new'), ['/invoices/new', {}]);
  deepEqual(found('/invoices/a%2Fb/edit'), ['/invoices/:id/edit', { id: 'a/b' }]);
  deepEqual(found('/settings'), ['/settings/*', {}]);
  deepEqual(found('/settings/a/b'), ['/settings/*', {}]);
});

test('matchPath fits nothing to an unknown or malformed path', () => {
  equal(found('/nowhere'), undefined);
  equal(found('/invoices/%E0%A4%A'), undefined);
  equal(found('/invoices/1/edit/2'), undefined);
});
