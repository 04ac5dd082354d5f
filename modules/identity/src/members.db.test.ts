import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { systemClock, type Clock } from '@plinth/core';
import { parseApiKey } from '@plinth/http';
import type { Jobs } from '@plinth/jobs';
import { eventually, fakeClock, openDatabase, testCtx } from '@plinth/testing';

import {
  asUser,
  identityMigrations,
  password,
  provisionTwo,
  startIdentity,
} from './identity-fixture.ts';

async function setUp(t: TestContext) {
  return setUpAt(t, fakeClock());
}

async function setUpAt<clock extends Clock>(t: TestContext, clock: clock) {
  let jobs: Jobs | undefined;
  // Registered first: it runs before the database is closed.
  t.after(() => jobs?.drain(0));
  const database = await openDatabase(t, { migrations: identityMigrations });
  const parts = await startIdentity(database, clock);
  jobs = parts.jobs;
  const ids = await provisionTwo(parts);
  const { acme, globex, anaId, boId } = ids;
  const owner = asUser({ ctx: testCtx(), tenant: acme, userId: anaId, role: 'owner' });
  const clerk = asUser({ ctx: testCtx(), tenant: acme, userId: boId, role: 'clerk' });
  const elsewhere = asUser({ ctx: testCtx(), tenant: globex, userId: anaId, role: 'owner' });
  const client = { ip: '192.0.2.1', userAgent: 'test' };
  const anonymous = { ...testCtx({ actor: { kind: 'anonymous', id: '' } }), client };
  return { ...parts, ...ids, clock, database, owner, clerk, elsewhere, anonymous };
}

test('permissions are those of the role in that tenant, and none elsewhere', async (t) => {
  const { module, acme, globex, anaId, boId } = await setUp(t);

  const has = async (user: string, tenant: string | undefined, permission: string) =>
    (await module.permissions(user, tenant)).has(permission);

  assert.equal(await has(anaId, acme, 'identity.admin'), true);
  assert.equal(await has(anaId, globex, 'identity.admin'), false);
  assert.equal(await has(boId, acme, 'customers.write'), true);
  assert.equal((await module.permissions(boId, globex)).size, 0);
  assert.equal((await module.permissions(boId, undefined)).size, 0);
});

test('listUsers gives the members of the tenant, by name', async (t) => {
  const { client, owner, elsewhere } = await setUp(t);

  const { items } = await client.listUsers(owner, {});
  const others = await client.listUsers(elsewhere, {});

  assert.deepEqual(
    items.map(({ name, role, email }) => [name, role, email]),
    [
      ['Ana', 'owner', 'ana@acme.example'],
      ['Bo', 'clerk', 'bo@acme.example'],
    ],
  );
  assert.deepEqual(
    others.items.map(({ name, role }) => [name, role]),
    [['Ana', 'viewer']],
  );
});

test('a clerk reaches none of an owner’s operations', async (t) => {
  const { client, clerk, anaId } = await setUp(t);

  await assert.rejects(client.changeRole(clerk, { id: anaId, role: 'viewer' }), {
    code: 'auth.forbidden',
  });
});

test('changeRole asks for the version, and keeps the last owner', async (t) => {
  const { client, owner, anaId, boId } = await setUp(t);

  const changed = await client.changeRole(owner, { id: boId, version: '1', role: 'accountant' });

  assert.deepEqual(changed, { id: boId, version: '2', role: 'accountant' });
  await assert.rejects(client.changeRole(owner, { id: boId, version: '1', role: 'viewer' }), {
    code: 'http.stale_version',
    context: { current: '2' },
  });
  await assert.rejects(client.changeRole(owner, { id: anaId, role: 'clerk' }), {
    code: 'identity.last_owner',
  });
  await assert.rejects(client.removeUser(owner, { id: anaId }), { code: 'identity.last_owner' });
});

test('two owners who demote each other at once leave one', async (t) => {
  const { client, owner, anaId, boId } = await setUp(t);
  await client.changeRole(owner, { id: boId, role: 'owner' });

  const tries = await Promise.allSettled(
    [anaId, boId].map((id) => client.changeRole(owner, { id, role: 'viewer' })),
  );

  assert.deepEqual(tries.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
});

test('a user of another tenant can be neither changed nor removed', async (t) => {
  const { client, elsewhere, boId } = await setUp(t);
  const unknown = { code: 'identity.unknown_user' };

  await assert.rejects(client.changeRole(elsewhere, { id: boId, role: 'viewer' }), unknown);
  await assert.rejects(client.removeUser(elsewhere, { id: boId }), unknown);
});

test('sessions of one whose role changed end', async (t) => {
  const { client, owner, jobs, sessions, anonymous, boId } = await setUpAt(t, systemClock);
  await jobs.start({ queues: { default: 1 } });
  const { cookie } = await client.signIn(anonymous, { email: 'bo@acme.example', password });

  await client.changeRole(owner, { id: boId, role: 'viewer' });

  await eventually(async () => (await sessions.read(cookie ?? '')) === undefined);
});

test('an invitation makes an account, once', async (t) => {
  const { client, owner, anonymous } = await setUp(t);
  const { token } = await client.inviteUser(owner, { email: 'cy@x.example', role: 'viewer' });
  const accept = { token, name: 'Cy', password: 'green lamp post' };

  const { me } = await client.acceptInvitation(anonymous, accept);

  assert.deepEqual([me?.user.name, me?.role, me?.tenant.name], ['Cy', 'viewer', 'Acme']);
  await assert.rejects(client.acceptInvitation(anonymous, accept), {
    code: 'identity.invitation_ended',
  });
  assert.deepEqual((await client.listInvitations(owner, {})).items, []);
});

test('an invitation of one who has an account asks for the password of it', async (t) => {
  const { client, elsewhere, anonymous, globex } = await setUp(t);
  const email = 'bo@acme.example';
  const { token } = await client.inviteUser(elsewhere, { email, role: 'accountant' });

  await assert.rejects(
    client.acceptInvitation(anonymous, { token, name: 'X', password: 'something else' }),
    { code: 'identity.wrong_credentials' },
  );
  const { me } = await client.acceptInvitation(anonymous, { token, name: 'X', password });

  assert.deepEqual([me?.user.name, me?.tenant.id, me?.tenants.length], ['Bo', globex, 2]);
});

test('an invitation ends after seven days, when it is revoked, and when it is replaced', async (t) => {
  const { client, owner, anonymous, clock } = await setUp(t);
  const invite = async (email: string) => client.inviteUser(owner, { email, role: 'clerk' });
  const [late, revoked, replaced] = [
    await invite('a@x.example'),
    await invite('b@x.example'),
    await invite('c@x.example'),
  ];
  await invite('c@x.example');
  await client.revokeInvitation(owner, { id: revoked.id });
  const ended = { code: 'identity.invitation_ended' };
  const accept = (token: string) =>
    client.acceptInvitation(anonymous, { token, name: 'X', password: 'green lamp post' });

  await assert.rejects(accept(revoked.token), ended);
  await assert.rejects(accept(replaced.token), ended);
  await clock.advance(7 * 86_400_000);
  await assert.rejects(accept(late.token), ended);
  await assert.rejects(accept('x'.repeat(86)), ended);
});

test('an API key has some of its maker’s permissions, until it is revoked', async (t) => {
  const { client, owner, module, acme, clock } = await setUp(t);
  const expiresAt = new Date(clock.now() + 86_400_000).toISOString();
  const permissions = ['customers.read', 'invoicing.issue'];

  const { id, key } = await client.createApiKey(owner, { name: 'ERP', permissions, expiresAt });
  const found = await module.apiKey(id);

  assert.equal(found?.secretHash, parseApiKey(key)?.secretHash);
  assert.deepEqual([found?.tenant, [...(found?.permissions ?? [])]], [acme, permissions]);
  await client.revokeApiKey(owner, { id });
  assert.equal(await module.apiKey(id), undefined);
  await assert.rejects(client.revokeApiKey(owner, { id }), { code: 'identity.unknown_key' });
});

test('an API key beyond its maker or its time is refused', async (t) => {
  const { client, owner, clock } = await setUp(t);
  const at = (ms: number) => new Date(clock.now() + ms).toISOString();
  const create = (permission: string, expiresAt: string) =>
    client.createApiKey(owner, { name: 'K', permissions: [permission], expiresAt });

  await assert.rejects(create('identity.admin', at(1_000)), { code: 'identity.beyond_maker' });
  await assert.rejects(create('customers.read', at(0)), { code: 'identity.bad_expiry' });
  await assert.rejects(create('customers.read', at(731 * 86_400_000)), {
    code: 'identity.bad_expiry',
  });
});

test('preferences are merged by key, and have at most 64 KiB', async (t) => {
  const { client, owner, clerk } = await setUp(t);

  await client.setPreferences(owner, { values: { 'ui.density': '36', 'grid.invoices': '{}' } });
  await client.setPreferences(owner, { values: { 'ui.density': '28' }, remove: ['grid.invoices'] });

  assert.deepEqual(await client.getPreferences(owner, {}), {
    values: { 'ui.density': '28' },
    version: '2',
  });
  assert.deepEqual((await client.getPreferences(clerk, {})).values, {});
  await assert.rejects(client.setPreferences(owner, { values: { big: 'x'.repeat(65_536) } }), {
    code: 'identity.preferences_too_large',
  });
});

test('changeCompany changes what is given, under the version that was seen', async (t) => {
  const { client, owner, clerk } = await setUp(t);
  const before = await client.getCompany(clerk, {});

  const { version } = await client.changeCompany(owner, {
    version: before.version,
    city: 'Vienna',
    vatId: 'ATU12345678',
  });

  assert.deepEqual(await client.getCompany(owner, {}), {
    ...before,
    version,
    city: 'Vienna',
    vatId: 'ATU12345678',
  });
  await assert.rejects(client.changeCompany(owner, { version: before.version, city: 'Graz' }), {
    code: 'http.stale_version',
  });
  await assert.rejects(client.changeCompany(owner, { zone: 'Mars/Olympus' }), {
    code: 'identity.bad_zone',
  });
});

test('changeMe changes the name in the member list too', async (t) => {
  const { client, owner } = await setUp(t);

  await client.changeMe(owner, { name: 'Ana Lopez', zone: 'Europe/Madrid' });

  const { items } = await client.listUsers(owner, {});
  assert.deepEqual(
    items.map(({ name }) => name),
    ['Ana Lopez', 'Bo'],
  );
  const { user } = await client.whoAmI(owner, {});
  assert.deepEqual([user.name, user.zone], ['Ana Lopez', 'Europe/Madrid']);
});

test('provision twice with one id adds what is missing and nothing else', async (t) => {
  const { module, acme, client, owner } = await setUp(t);
  const user = { email: 'di@acme.example', name: 'Di', role: 'viewer', password } as const;
  const tenant = { id: acme, name: 'X', currency: 'USD', zone: 'UTC', locale: 'en', users: [user] };

  const first = await module.provision(tenant);
  const second = await module.provision(tenant);

  assert.deepEqual(first.newAccounts, [user.email]);
  assert.deepEqual(second, { ...first, newAccounts: [] });
  assert.equal((await client.getCompany(owner, {})).name, 'Acme');
  assert.equal((await client.listUsers(owner, {})).total.n, 3);
});

test('today is the tenant’s own day', async (t) => {
  const { module, clock, owner, elsewhere } = await setUp(t);
  await clock.advance(4 * 3_600_000);

  assert.deepEqual(
    [await module.today(owner), await module.today(elsewhere)],
    ['2026-01-15', '2026-01-16'],
  );
});
