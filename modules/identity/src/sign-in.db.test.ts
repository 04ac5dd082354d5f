import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { fakeClock, openDatabase, testCtx } from '@plinth/testing';

import {
  asUser,
  identityMigrations,
  password,
  provisionTwo,
  startIdentity,
} from './identity-fixture.ts';
import { totpCode, totpStep } from './totp.ts';

async function setUp(t: TestContext) {
  const clock = fakeClock();
  const database = await openDatabase(t, { migrations: identityMigrations });
  const parts = await startIdentity(database, clock);
  const ids = await provisionTwo(parts);
  const client = { ip: '192.0.2.1', userAgent: 'test' };
  const anonymous = { ...testCtx({ actor: { kind: 'anonymous', id: '' } }), client };
  const sessionOf = async (cookie: string | null) => (await parts.sessions.read(cookie ?? ''))?.id;
  return { ...parts, ...ids, clock, database, anonymous, sessionOf };
}
const email = 'ana@acme.example';

test('signIn opens a session in the first tenant by name, and says who it is', async (t) => {
  const { client, anonymous, sessions, acme, globex, anaId } = await setUp(t);

  const { cookie, totpRequired, me } = await client.signIn(anonymous, { email, password });

  assert.equal(totpRequired, false);
  assert(me !== null);
  assert.deepEqual(
    me.tenants.map(({ id, role }) => [id, role]),
    [
      [acme, 'owner'],
      [globex, 'viewer'],
    ],
  );
  assert.deepEqual([me.tenant.name, me.role, me.today], ['Acme', 'owner', '2026-01-15']);
  const session = await sessions.read(cookie ?? '');
  assert.deepEqual([session?.user, session?.tenant, session?.level], [anaId, acme, 1]);
});

test('signIn gives one answer to a wrong password and to an address that nobody has', async (t) => {
  const { client, anonymous } = await setUp(t);
  const wrong = { code: 'identity.wrong_credentials', kind: 'unauthenticated' };

  await assert.rejects(client.signIn(anonymous, { email, password: 'wrong' }), wrong);
  await assert.rejects(client.signIn(anonymous, { email: 'no@one.example', password }), wrong);
});

test('signIn makes one wait after five failures, whatever the password is then', async (t) => {
  const { client, anonymous, clock } = await setUp(t);
  for (let times = 0; times < 5; times += 1) {
    await assert.rejects(client.signIn(anonymous, { email, password: 'wrong' }));
  }

  await assert.rejects(client.signIn(anonymous, { email, password }), {
    code: 'auth.too_many_failures',
  });
  await clock.advance(2_000);
  assert.notEqual((await client.signIn(anonymous, { email, password })).cookie, null);
});

test('signIn of one who is in no company is refused', async (t) => {
  const { client, anonymous, acme, anaId, boId } = await setUp(t);
  const owner = asUser({ ctx: testCtx(), tenant: acme, userId: anaId, role: 'owner' });
  await client.removeUser(owner, { id: boId });

  const signIn = client.signIn(anonymous, { email: 'bo@acme.example', password });

  await assert.rejects(signIn, { code: 'identity.no_tenant' });
});

test('switchTenant gives a new session id, ends the old one, and the next sign-in begins there', async (t) => {
  const { client, anonymous, sessions, sessionOf, acme, globex, anaId } = await setUp(t);
  const { cookie } = await client.signIn(anonymous, { email, password });
  const session = (await sessionOf(cookie)) ?? '';
  const ctx = asUser({ ctx: testCtx(), tenant: acme, userId: anaId, role: 'owner', session });

  const switched = await client.switchTenant(ctx, { tenant: globex });

  assert.deepEqual(
    [switched.me.tenant.id, switched.me.role, switched.me.today],
    [globex, 'viewer', '2026-01-15'],
  );
  assert.equal(await sessions.read(cookie ?? ''), undefined);
  assert.equal((await sessions.read(switched.cookie ?? ''))?.tenant, globex);
  const again = await client.signIn(anonymous, { email, password });
  assert.equal(again.me?.tenant.id, globex);
});

test('switchTenant to a company that is not one’s own is refused', async (t) => {
  const { client, anonymous, sessionOf, acme, globex, boId } = await setUp(t);
  const { cookie } = await client.signIn(anonymous, { email: 'bo@acme.example', password });
  const session = (await sessionOf(cookie)) ?? '';
  const ctx = asUser({ ctx: testCtx(), tenant: acme, userId: boId, role: 'clerk', session });

  await assert.rejects(client.switchTenant(ctx, { tenant: globex }), {
    code: 'identity.no_tenant',
  });
});

test('signOut and revokeSession end sessions, one’s own only', async (t) => {
  const { client, anonymous, sessions, sessionOf, revoked, acme, anaId, boId } = await setUp(t);
  const [first, second, other] = [
    await client.signIn(anonymous, { email, password }),
    await client.signIn(anonymous, { email, password }),
    await client.signIn(anonymous, { email: 'bo@acme.example', password }),
  ];
  const session = (await sessionOf(first.cookie)) ?? '';
  const ana = asUser({ ctx: testCtx(), tenant: acme, userId: anaId, role: 'owner', session });
  const bo = asUser({ ctx: testCtx(), tenant: acme, userId: boId, role: 'clerk' });
  const secondId = (await sessionOf(second.cookie)) ?? '';

  await assert.rejects(client.revokeSession(bo, { id: secondId }), {
    code: 'identity.unknown_session',
  });
  await client.revokeSession(ana, { id: secondId });
  const { items } = await client.listSessions(ana, {});
  assert.deepEqual(
    items.map(({ id, current }) => [id, current]),
    [[session, true]],
  );
  assert.deepEqual(await client.signOut(ana, {}), { cookie: null });

  assert.equal(await sessions.read(first.cookie ?? ''), undefined);
  assert.notEqual(await sessions.read(other.cookie ?? ''), undefined);
  assert.deepEqual(revoked, [{ session: secondId }, { session }]);
});

test('changePassword ends all other sessions and gives this one a new id', async (t) => {
  const { client, anonymous, sessions, sessionOf, acme, anaId } = await setUp(t);
  const kept = await client.signIn(anonymous, { email, password });
  const other = await client.signIn(anonymous, { email, password });
  const session = (await sessionOf(kept.cookie)) ?? '';
  const ana = asUser({ ctx: testCtx(), tenant: acme, userId: anaId, role: 'owner', session });

  const { cookie } = await client.changePassword(ana, {
    current: password,
    next: 'a quite other one',
  });

  const open = await Promise.all(
    [kept.cookie, other.cookie, cookie].map((one) => sessions.read(one ?? '')),
  );
  assert.deepEqual(
    open.map((one) => one?.user),
    [undefined, undefined, anaId],
  );
  await assert.rejects(client.signIn(anonymous, { email, password }));
});

test('changePassword refuses a wrong present one and a common new one', async (t) => {
  const { client, acme, anaId } = await setUp(t);
  const ana = asUser({ ctx: testCtx(), tenant: acme, userId: anaId, role: 'owner', session: 'aa' });

  await assert.rejects(client.changePassword(ana, { current: 'wrong', next: 'long enough 1' }), {
    code: 'identity.wrong_credentials',
  });
  await assert.rejects(client.changePassword(ana, { current: password, next: 'password123' }), {
    code: 'identity.common_password',
  });
});

test('a second factor is asked for once it is confirmed, and each code works once', async (t) => {
  const { client, anonymous, sessions, clock, acme, anaId } = await setUp(t);
  const ana = asUser({ ctx: testCtx(), tenant: acme, userId: anaId, role: 'owner' });
  const { uri } = await client.enrolTotp(ana, { password });
  const secret = fromBase32(/secret=([A-Z2-7]+)/u.exec(uri)?.[1] ?? '');
  const code = () => totpCode(secret, totpStep(clock.now()));
  assert.notEqual((await client.signIn(anonymous, { email, password })).cookie, null);

  const { recoveryCodes } = await client.confirmTotp(ana, { code: code() });
  const without = await client.signIn(anonymous, { email, password });
  await assert.rejects(client.signIn(anonymous, { email, password, code: code() }), {
    code: 'identity.wrong_credentials',
  });
  await clock.advance(30_000);
  const withCode = await client.signIn(anonymous, { email, password, code: code() });
  const recovery = { email, password, code: recoveryCodes[3] ?? '' };
  const withRecovery = await client.signIn(anonymous, recovery);

  assert.deepEqual(without, { cookie: null, totpRequired: true, me: null });
  assert.equal((await sessions.read(withCode.cookie ?? ''))?.level, 2);
  assert.notEqual(withRecovery.cookie, null);
  await assert.rejects(client.signIn(anonymous, recovery), { code: 'identity.wrong_credentials' });
});

function fromBase32(text: string): Buffer {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = Array.from(text, (sign) => alphabet.indexOf(sign).toString(2).padStart(5, '0'));
  const bytes = bits.join('').match(/.{8}/gu) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}
