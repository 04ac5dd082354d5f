import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { bindLocal } from '@plinth/contract/local';
import { createIds, noLog, systemClock } from '@plinth/core';
import { identity } from '@plinth/identity';
import { invoicing } from '@plinth/invoicing';
import {
  createMessaging,
  migrations as messagingMigrations,
  type Messaging,
} from '@plinth/messaging';
import { payments } from '@plinth/payments';
import { sql, t as type } from '@plinth/postgres';
import { createRealtime } from '@plinth/realtime';
import { openDatabase, testCtx } from '@plinth/testing';

import { createNotifications, migrations } from './module.ts';

const tenant = '01900000-0000-7000-8000-00000000000a';
const newId = createIds(systemClock);
const [owner, accountant, clerk] = [newId(), newId(), newId()];
const identityMigrations = {
  module: 'identity',
  folder: new URL('../../identity/migrations/', import.meta.url),
};

const insertTenant = sql({}, {})`
  insert into identity.tenant (name, currency, zone, locale, created_at)
  values ('Acme', 'EUR', 'UTC', 'en', now())`;
const insertAccount = sql({ id: type.uuid, email: type.text }, {})`
  insert into identity.account (id, email, name, password_hash, created_at)
  values (${'id'}, ${'email'}, 'N', repeat('x', 20), now())`;
const insertMember = sql({ id: type.uuid, email: type.text, role: type.text }, {})`
  insert into identity.membership (user_id, role, name, email, joined_at)
  values (${'id'}, ${'role'}, 'N', ${'email'}, now())`;

async function setUp(t: TestContext) {
  let messaging: Messaging | undefined;
  // Registered first: it runs before the database is closed.
  t.after(() => messaging?.drain(500));
  const database = await openDatabase(t, {
    migrations: [messagingMigrations, identityMigrations, migrations],
  });
  const base = { database, clock: systemClock, newId, log: noLog };
  messaging = createMessaging({ ...base, config: { pollMs: 10 } });
  const module = createNotifications({
    ...base,
    messaging,
    realtime: createRealtime(base),
    calendar: async () => ({ today: '2026-01-15', zone: 'UTC' }),
  });
  await messaging.start();
  const client = bindLocal(module, { check: 'full' });
  const as = (id: string) =>
    testCtx({ tenant, permissions: ['notifications.self'], actor: { kind: 'user', id } });
  const system = testCtx({ tenant, actor: { kind: 'system', id: 'test' } });
  await database.run(system, insertTenant, {});
  for (const [id, role] of [
    [owner, 'owner'],
    [accountant, 'accountant'],
    [clerk, 'clerk'],
  ] as const) {
    const email = `${role}@acme.example`;
    await database.run(system, insertAccount, { id, email });
    await database.run(system, insertMember, { id, email, role });
  }
  const { outbox, settled } = messaging;
  const publish = async (work: Parameters<typeof database.write>[1], ctx = system) => {
    await database.write(ctx, work);
    await settled(AbortSignal.timeout(10_000));
  };
  const types = async (id: string) =>
    (await client.listNotices(as(id), {})).items.map((item) => item.type);
  return { client, as, outbox, publish, types };
}

const invoice = {
  version: 1,
  kind: 'invoice',
  number: 'INV-1',
  status: 'issued',
  customerId: owner,
  customerName: 'Globex',
  issueDate: '2026-01-01',
  dueDate: '2026-01-10',
  currency: 'EUR',
  netMinor: 1,
  taxMinor: 0,
  grossMinor: 1,
  paidMinor: 0,
  creditedMinor: 0,
  openMinor: 1,
  daysLate: 1,
} as const;
const payment = {
  version: 1,
  number: 'PAY-1',
  customerId: owner,
  customerName: 'Globex',
  receivedOn: '2026-01-10',
  method: 'transfer',
  currency: 'EUR',
  amountMinor: 100,
  allocatedMinor: 0,
  refundedMinor: 0,
  unallocatedMinor: 100,
} as const;

test('overdue invoices are one notice a day for each bookkeeper, unread again with each', async (t) => {
  const { client, as, outbox, publish, types } = await setUp(t);
  const overdue = () =>
    publish(async (tx) => {
      outbox.publish(tx, invoicing.events.invoiceOverdue, { ...invoice, invoiceId: newId() });
    });
  await overdue();
  const [first] = (await client.listNotices(as(owner), {})).items;
  await client.markRead(as(owner), { id: first?.id ?? '' });

  await overdue();

  const { items } = await client.listNotices(as(owner), {});
  assert.deepEqual(
    items.map(({ id, count, read, values }) => [id, count, read, values]),
    [[first?.id, 2, false, { number: 'INV-1', customer: 'Globex' }]],
  );
  assert.deepEqual(await types(accountant), ['invoiceOverdue']);
  assert.deepEqual(await types(clerk), []);
});

test('a payment is told of to the bookkeepers but the one who recorded it', async (t) => {
  const { as, outbox, publish, types } = await setUp(t);

  await publish(async (tx) => {
    outbox.publish(tx, payments.events.paymentReceived, { ...payment, paymentId: newId() });
  }, as(accountant));

  assert.deepEqual([await types(owner), await types(accountant)], [['paymentReceived'], []]);
});

test('who does not want a type gets no more of it', async (t) => {
  const { client, as, outbox, publish, types } = await setUp(t);
  await client.setNoticePreferences(as(owner), {
    items: [{ type: 'paymentReceived', inApp: false }],
  });

  await publish(async (tx) => {
    outbox.publish(tx, payments.events.paymentReceived, { ...payment, paymentId: newId() });
  });

  assert.deepEqual([await types(owner), await types(accountant)], [[], ['paymentReceived']]);
  const { items } = await client.getNoticePreferences(as(owner), {});
  assert.equal(items.find((item) => item.type === 'paymentReceived')?.inApp, false);
  assert.equal(items.filter(({ inApp }) => inApp).length, 4);
});

test('a notice can be read by nobody but the one whose it is', async (t) => {
  const { client, as, outbox, publish, types } = await setUp(t);
  await publish(async (tx) => {
    outbox.publish(tx, identity.events.roleChanged, { userId: clerk, from: 'viewer', to: 'clerk' });
  });
  const [notice] = (await client.listNotices(as(clerk), {})).items;
  const id = notice?.id ?? '';

  await assert.rejects(client.markRead(as(owner), { id }), { code: 'notifications.unknown' });
  assert.deepEqual(await types(owner), []);
  const f = [`user:in:${clerk}`];
  assert.deepEqual((await client.listNotices(as(owner), { f })).items, []);
  const rows = await client.noticeRows(as(owner), { ids: [id] });
  assert.deepEqual([rows.items, rows.gone], [[], [id]]);
  assert.equal((await client.summarizeNotices(as(owner), {})).total.n, 0);
});

test('the unread count goes down as notices are read, one or all', async (t) => {
  const { client, as, outbox, publish } = await setUp(t);
  await publish(async (tx) => {
    for (let n = 0; n < 3; n += 1) {
      outbox.publish(tx, payments.events.paymentReceived, { ...payment, paymentId: newId() });
    }
  });
  const [first] = (await client.listNotices(as(owner), {})).items;

  const { version } = await client.markRead(as(owner), { id: first?.id ?? '' });
  assert.deepEqual(await client.markRead(as(owner), { id: first?.id ?? '' }), {
    id: first?.id,
    version,
  });
  assert.deepEqual(await client.countUnread(as(owner), {}), { n: 2, more: false });
  assert.deepEqual(await client.markAllRead(as(owner), {}), { marked: 2 });
  assert.deepEqual(await client.countUnread(as(owner), {}), { n: 0, more: false });
});
