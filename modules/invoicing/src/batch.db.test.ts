import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { eventually, openDatabase } from '@plinth/testing';

import { ctxOf, invoicingMigrations, line, startInvoicing } from './invoicing-fixture.ts';

async function setUp(t: TestContext) {
  const database = await openDatabase(t, { migrations: invoicingMigrations });
  const ctx = ctxOf();
  const started = startInvoicing(database);
  const { client, jobs } = started;
  const customerId = await started.makeCustomer(ctx);
  const draft = async (price: number) =>
    (await client.createDraft(ctx, { customerId, lines: [line(price)] })).id;
  await jobs.start({ queues: { default: 2 } });
  t.after(() => jobs.drain(500));
  const resultOf = (jobId: string) =>
    eventually(async () => {
      const job = await jobs.get(ctx, jobId);
      return job?.state === 'done' && job.result;
    });
  return { ...started, ctx, draft, resultOf };
}

test('a bulk issue issues what it can and lists what it cannot', async (t) => {
  const { client, ctx, draft, resultOf } = await setUp(t);
  const [a, b, bad] = [await draft(100), await draft(200), await draft(-1)];
  await client.issueInvoice(ctx, { id: b });

  const started = await client.issueInvoices(ctx, {
    selection: { kind: 'ids', ids: [a, b, bad, a] },
  });

  assert.equal(started.matched, 3);
  assert.deepEqual(await resultOf(started.jobId), {
    done: 1,
    skipped: 1,
    failed: 1,
    failures: [
      {
        id: bad,
        code: 'invoicing.not_issuable',
        message: 'The draft cannot be issued yet.',
      },
    ],
  });
  assert.equal((await client.getInvoice(ctx, { id: a })).number, 'INV-2026-000002');
});

test('a selection by filter takes all that match, but those left out and those made later', async (t) => {
  const { client, ctx, draft, newId, resultOf } = await setUp(t);
  const kept = await draft(100);
  await draft(200);
  const asOf = new Date().toISOString();
  const f = ['status:in:draft'];
  const selection = { kind: 'predicate' as const, f, except: [kept], asOf };
  // The id of a draft that is made a second later.
  const later = `${(Number.parseInt(newId().slice(0, 8), 16) + 1).toString(16).padStart(8, '0')}${newId().slice(8)}`;
  const { customerId } = await client.getInvoice(ctx, { id: kept });
  await client.createDraft(ctx, { id: later, customerId, lines: [line(1)] });

  const { jobId } = await client.deleteDrafts(ctx, { selection });

  assert.deepEqual(await resultOf(jobId), { done: 1, skipped: 0, failed: 0, failures: [] });
  const { items } = await client.listInvoices(ctx, { sort: 'id' });
  assert.deepEqual(
    items.map(({ id }) => id),
    [kept, later],
  );
});
