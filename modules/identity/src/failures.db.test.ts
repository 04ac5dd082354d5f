import assert from 'node:assert/strict';
import { test } from 'node:test';

import { systemClock } from '@plinth/core';
import type { Messaging } from '@plinth/messaging';
import { eventually, openDatabase, testCtx } from '@plinth/testing';

import { identity } from './contract.ts';
import { identityMigrations, provisionTwo, startIdentity } from './identity-fixture.ts';

const { signInFailed, lockedOut } = identity.events;

test('failures of an account are told in its company, with the lockout, and of nobody else', async (t) => {
  let messaging: Messaging | undefined;
  // Registered first: it runs before the database is closed.
  t.after(() => messaging?.drain(500));
  const database = await openDatabase(t, { migrations: identityMigrations });
  const parts = await startIdentity(database, systemClock);
  const { acme, anaId } = await provisionTwo(parts);
  const told: string[] = [];
  messaging = parts.messaging;
  messaging.subscribe({
    name: 'test.failures',
    event: [signInFailed, lockedOut],
    async handle({ name, tenant, body }) {
      told.push(`${name} ${tenant ?? ''} ${body.userId}`);
    },
  });
  await messaging.start();
  const client = { ip: '192.0.2.1', userAgent: 'test' };
  const anonymous = { ...testCtx({ actor: { kind: 'anonymous', id: '' } }), client };
  const fail = (email: string) =>
    assert.rejects(parts.client.signIn(anonymous, { email, password: 'wrong' }));

  for (let times = 0; times < 5; times += 1) await fail('ana@acme.example');
  await fail('nobody@acme.example');

  const failed = `${signInFailed.name} ${acme} ${anaId}`;
  const locked = `${lockedOut.name} ${acme} ${anaId}`;
  await eventually(() => assert.equal(told.length, 6));
  const counts = [failed, locked].map((line) => told.filter((one) => one === line).length);
  assert.deepEqual(counts, [5, 1]);
});
