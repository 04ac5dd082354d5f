import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { openDatabase } from '@plinth/testing';

import { countsOf, eventsOf, numbersOf } from './fixture-table.ts';
import { ctxOf, invoicingMigrations, line, startInvoicing, tenant } from './invoicing-fixture.ts';
import { formatNumber } from './invoice.ts';

async function setUp(t: TestContext) {
  const database = await openDatabase(t, { migrations: invoicingMigrations });
  const ctx = ctxOf();
  const started = startInvoicing(database);
  const customerId = await started.makeCustomer(ctx);
  const draft = async (price = 100) =>
    (await started.client.createDraft(ctx, { customerId, lines: [line(price)] })).id;
  const numbers = async (series = 'INV') =>
    (await database.many(ctx, numbersOf, { series })).map(({ number }) => number);
  return { ...started, database, ctx, draft, numbers };
}

test('fifty who issue at once, half of them in vain, leave no gap and no double', async (t) => {
  const { client, ctx, database, draft, numbers } = await setUp(t);
  const good = await Promise.all(Array.from({ length: 25 }, () => draft()));
  const bad = await Promise.all(Array.from({ length: 10 }, () => draft(-1)));

  // Fifteen drafts are tried twice at once: one of each pair takes a number and gives it back.
  const tries = [...good, ...good.slice(0, 15), ...bad].toSorted();
  const results = await Promise.allSettled(tries.map((id) => client.issueInvoice(ctx, { id })));

  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 25);
  const expected = Array.from({ length: 25 }, (_, index) => formatNumber('INV', 2026, index + 1));
  assert.deepEqual(await numbers(), expected);
  assert.deepEqual(await database.many(ctx, countsOf, { series: 'INV' }), [
    { year: 2026, last: 25 },
  ]);
  const events = await database.many(ctx, eventsOf, { tenant });
  assert.deepEqual(
    events.find(({ name }) => name === 'invoicing.invoice-issued'),
    { name: 'invoicing.invoice-issued', count: 25 },
  );
});

test('a transaction that fails after it took a number gives it back', async (t) => {
  const { client, ctx, database, draft, handlers, numbers } = await setUp(t);
  const first = await draft();
  const taken: (string | null)[] = [];

  // The unit of work of a request whose answer could not be stored.
  const failed = database.write(ctx, async ({ context }) => {
    const joined = { ...ctx, unitOfWork: context.unitOfWork };
    const { number } = await handlers.issueInvoice(joined, { id: first });
    taken.push(number);
    assert.fail('the answer could not be stored');
  });
  await assert.rejects(failed, { message: 'the answer could not be stored' });
  await client.issueInvoice(ctx, { id: await draft() });

  assert.deepEqual(taken, ['INV-2026-000001']);
  assert.deepEqual(await numbers(), ['INV-2026-000001']);
});

test('each year and each kind counts by itself', async (t) => {
  const { client, ctx, draft, numbers } = await setUp(t);
  await client.issueInvoice(ctx, { id: await draft(), issueDate: '2025-12-31' });
  const { id } = await client.issueInvoice(ctx, { id: await draft(), issueDate: '2026-01-01' });
  await client.creditInvoice(ctx, { id, reason: 'x' });

  assert.deepEqual(await numbers(), ['INV-2025-000001', 'INV-2026-000001']);
  assert.deepEqual(await numbers('CN'), ['CN-2026-000001']);
});
