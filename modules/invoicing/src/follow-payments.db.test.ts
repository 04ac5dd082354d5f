import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { customers } from '@plinth/customers';
import { payments } from '@plinth/payments';
import { eventually, openDatabase } from '@plinth/testing';

import { eventsOf, renameCustomer } from './fixture-table.ts';
import { ctxOf, invoicingMigrations, line, startInvoicing, tenant } from './invoicing-fixture.ts';

async function setUp(t: TestContext) {
  const database = await openDatabase(t, { migrations: invoicingMigrations });
  const ctx = ctxOf();
  const started = startInvoicing(database);
  const { client, messaging, newId } = started;
  const customerId = await started.makeCustomer(ctx);
  const draft = await client.createDraft(ctx, {
    customerId,
    lines: [{ ...line(1_000), taxPpm: 0 }],
  });
  const { id } = await client.issueInvoice(ctx, { id: draft.id });
  await messaging.start();
  t.after(() => messaging.drain(500));

  async function allocated(...changes: { paidMinor: number; sequence: number }[]) {
    await database.write(ctx, async (tx) => {
      for (const change of changes) {
        messaging.outbox.publish(tx, payments.events.paymentAllocated, {
          invoiceId: id,
          invoiceNumber: 'INV-2026-000001',
          paymentId: newId(),
          paymentNumber: 'PAY-000001',
          customerId,
          currency: 'EUR',
          amountMinor: 1,
          receivedOn: '2026-01-15',
          reason: 'asked',
          ...change,
        });
      }
    });
    await messaging.settled(AbortSignal.timeout(10_000));
    const { status, paidMinor, openMinor } = await client.getInvoice(ctx, { id });
    return [status, paidMinor, openMinor];
  }
  return { ...started, database, ctx, id, customerId, allocated };
}

test('an invoice follows what payments allocates, and says once that it is settled', async (t) => {
  const { allocated, ctx, database } = await setUp(t);

  assert.deepEqual(await allocated({ paidMinor: 400, sequence: 1 }), ['partly-paid', 400, 600]);
  assert.deepEqual(await allocated({ paidMinor: 1_000, sequence: 2 }), ['settled', 1_000, 0]);
  assert.deepEqual(await allocated({ paidMinor: 300, sequence: 3 }), ['partly-paid', 300, 700]);

  const events = await database.many(ctx, eventsOf, { tenant });
  const countOf = (name: string) => events.find((event) => event.name === name)?.count;
  assert.equal(countOf('invoicing.invoice-balance-changed'), 3);
  assert.equal(countOf('invoicing.invoice-settled'), 1);
});

test('of allocations that come late, twice or together the highest sequence is the truth', async (t) => {
  const { allocated } = await setUp(t);
  const first = { paidMinor: 400, sequence: 1 };
  const second = { paidMinor: 700, sequence: 2 };

  await allocated(second);

  assert.deepEqual(await allocated(first), ['partly-paid', 700, 300]);
  assert.deepEqual(await allocated(second, first), ['partly-paid', 700, 300]);
  assert.deepEqual(
    await allocated({ paidMinor: 900, sequence: 4 }, { paidMinor: 1, sequence: 3 }),
    ['partly-paid', 900, 100],
  );
});

test('an overdue invoice is told once, by the hourly job', async (t) => {
  const { client, ctx, customerId, database, jobs, messaging } = await setUp(t);
  const { id } = await client.createDraft(ctx, {
    customerId,
    issueDate: '2025-12-01',
    dueDate: '2025-12-01',
    lines: [line(200)],
  });
  await client.issueInvoice(ctx, { id, issueDate: '2025-12-01' });
  await jobs.start({ queues: { default: 2 } });
  t.after(() => jobs.drain(500));
  const told = async () => {
    await messaging.settled(AbortSignal.timeout(10_000));
    const events = await database.many(ctx, eventsOf, { tenant });
    return events.find(({ name }) => name === 'invoicing.invoice-overdue')?.count ?? 0;
  };
  const run = async () => {
    const job = await jobs.runNow('invoicing.overdue', ctx.actor);
    await eventually(
      async () => (await jobs.get({ ...ctx, tenant: 'none' }, job))?.state === 'done',
    );
    await eventually(async () =>
      (await jobs.list(ctx, { name: 'invoicing.find-overdue' })).items.every(
        ({ state }) => state === 'done',
      ),
    );
  };

  await run();
  assert.equal(await told(), 1);
  await run();
  assert.equal(await told(), 1);
});

test('a draft follows the name of its customer, an issued invoice keeps the one it was issued to', async (t) => {
  const { client, ctx, customerId, database, id, messaging } = await setUp(t);
  const draft = await client.createDraft(ctx, { customerId, lines: [line(1)] });

  await database.write(ctx, async (tx) => {
    await tx.run(renameCustomer, { id: customerId, name: 'Acme & Sons' });
    messaging.outbox.publish(tx, customers.events.customerChanged, {
      customerId,
      number: 'K1',
      version: '2',
      changes: [{ field: 'name', from: 'Acme', to: 'Acme & Sons' }],
    });
  });
  await messaging.settled(AbortSignal.timeout(10_000));

  assert.equal((await client.getInvoice(ctx, { id: draft.id })).customerName, 'Acme & Sons');
  assert.equal((await client.getInvoice(ctx, { id })).customerName, 'Acme');
});
