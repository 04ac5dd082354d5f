import assert from 'node:assert/strict';
import { test } from 'node:test';

import { identity } from './contract.ts';
import { grantable, keyPermissions, rolePermissions } from './permissions.ts';

test('each role has all that the next lower one has', () => {
  const { owner, accountant, clerk, viewer } = rolePermissions;

  assert(owner.isSupersetOf(accountant) && accountant.isSupersetOf(clerk));
  assert(clerk.isSupersetOf(viewer));
  assert.deepEqual([owner.size, accountant.size, clerk.size, viewer.size], [15, 13, 9, 6]);
});

test('every permission that an operation asks for is an owner’s, or public', () => {
  const asked = Object.values(identity.operations).map(({ permission }) => permission);

  const missing = asked.filter(
    (permission) => permission !== 'public' && !rolePermissions.owner.has(permission),
  );

  assert.deepEqual(missing, []);
});

test('an API key has neither a person’s permissions nor those to make keys', () => {
  const given = grantable(rolePermissions.owner);

  assert(!given.has('identity.self') && !given.has('identity.admin'));
  assert(given.has('invoicing.issue'));
});

test('an API key is worth no more than its maker is by now', () => {
  const granted = ['invoicing.issue', 'customers.read'];

  assert.deepEqual([...keyPermissions(granted, 'accountant')], granted);
  assert.deepEqual([...keyPermissions(granted, 'viewer')], ['customers.read']);
  assert.deepEqual([...keyPermissions(granted, null)], []);
});
