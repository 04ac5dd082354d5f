import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { test, type TestContext } from 'node:test';

import { bindLocal } from '@plinth/contract/local';
import { createIds, noLog, Problem, systemClock, type Ctx } from '@plinth/core';
import { createCustomers } from '@plinth/customers/module';
import { createInvoicing, wholesaler } from '@plinth/invoicing/module';
import { createJobs } from '@plinth/jobs';
import { createMessaging } from '@plinth/messaging';
import { createPayments } from '@plinth/payments/module';
import { sql, t as type } from '@plinth/postgres';
import { createRealtime } from '@plinth/realtime';
import { createPostgresStore } from '@plinth/storage';
import { eventually, openDatabase, testCtx } from '@plinth/testing';
import fc from 'fast-check';

import { migrations } from '../src/modules.ts';

const newId = createIds(systemClock);
const permissions = [
  'customers.read',
  'customers.write',
  'imports.write',
  'invoicing.read',
  'invoicing.write',
  'invoicing.issue',
  'payments.read',
  'payments.write',
];

/** The modules that book, bound to each other on real parts, all running. */
async function startBooks(t: TestContext) {
  const database = await openDatabase(t, { migrations });
  const parts = { database, clock: systemClock, newId, log: noLog };
  const messaging = createMessaging({ ...parts, config: { pollMs: 10 } });
  const jobs = createJobs({ ...parts, pollMs: 20 });
  const needs = {
    ...parts,
    messaging,
    jobs,
    blobs: createPostgresStore(parts),
    realtime: createRealtime(parts),
    calendar: async () => ({ today: '2026-01-15', zone: 'UTC' }),
    async *tenants(): AsyncIterable<string> {},
  };
  const customers = bindLocal(createCustomers(needs), { check: 'edge' });
  const invoicing = bindLocal(createInvoicing({ ...needs, customers }), { check: 'edge' });
  const payments = bindLocal(createPayments(needs), { check: 'edge' });
  await messaging.start();
  await jobs.start({ queues: { default: 1 } });
  t.after(async () => {
    await jobs.drain(500);
    await messaging.drain(500);
  });
  const settled = () => messaging.settled(AbortSignal.timeout(60_000));
  return { database, customers, invoicing, payments, blobs: needs.blobs, settled };
}
type Books = Awaited<ReturnType<typeof startBooks>>;

const ctxOf = () => testCtx({ tenant: newId(), permissions, withinMs: 600_000 });

// Whatever is kept twice, compared with a recount, once everything published is handled: no row is good.
const wrong = sql({ least: type.int4 }, { what: type.text, id: type.uuid })`
  select 'paid' as what, i.id from invoicing.invoice i
    where i.kind = 'invoice' and i.status <> 'draft' and i.paid_minor <>
      (select coalesce(sum(a.amount_minor), 0) from payments.allocation a where a.invoice_id = i.id)
  union all
  select 'credited', i.id from invoicing.invoice i
    where i.kind = 'invoice' and i.credited_minor <>
      (select coalesce(-sum(c.gross_minor), 0) from invoicing.invoice c where c.credits_id = i.id)
  union all
  select 'open', i.id from invoicing.invoice i
    where i.kind = 'invoice' and i.status <> 'draft' and i.open_minor < ${'least'}
  union all
  select 'item', o.invoice_id from payments.open_item o
    join invoicing.invoice i on i.id = o.invoice_id
    where o.open_minor <> i.open_minor
  union all
  select 'owed', b.customer_id from customers.balance b
    where b.open_minor <> (select coalesce(sum(i.open_minor), 0) from invoicing.invoice i
      where i.customer_id = b.customer_id and i.currency = b.currency and i.status <> 'draft')
  union all
  select 'credit', b.customer_id from customers.balance b
    where b.credit_minor <> (select coalesce(sum(p.unallocated_minor), 0) from payments.payment p
      where p.customer_id = b.customer_id and p.currency = b.currency)
  union all
  select r.what, r.id from (
    select (select coalesce(sum(i.net_minor), 0) from invoicing.invoice i where i.status <> 'draft') as net,
      (select coalesce(sum(i.tax_minor), 0) from invoicing.invoice i where i.status <> 'draft') as tax) b
  cross join lateral (
    select 'sums by day' as what, gen_random_uuid() as id, sum(d.net_minor) as net, sum(d.tax_minor) as tax
      from invoicing_api.turnover_by_day d
    union all
    select 'sums by rate', gen_random_uuid(), sum(d.net_minor), sum(d.tax_minor)
      from invoicing_api.turnover_by_tax_rate d) r
  where (coalesce(r.net, 0), coalesce(r.tax, 0)) <> (b.net, b.tax)`;

const step = fc.record({
  what: fc.constantFrom(
    ...(['pay', 'allocate', 'unallocate', 'credit', 'creditAll', 'issue'] as const),
  ),
  invoice: fc.nat(3),
  payment: fc.nat(3),
  amountMinor: fc.integer({ min: 1, max: 600 }),
});
type Step = typeof step extends fc.Arbitrary<infer value> ? value : never;

interface Scene {
  readonly ctx: Ctx;
  readonly customerId: string;
  readonly invoiceIds: readonly string[];
  readonly paymentIds: readonly string[];
}

async function setScene({ customers, invoicing, payments }: Books): Promise<Scene> {
  const ctx = ctxOf();
  const { id: customerId } = await customers.createCustomer(ctx, {
    name: 'Acme',
    country: 'DE',
    currency: 'EUR',
  });
  const invoiceIds: string[] = [];
  const paymentIds: string[] = [];
  for (let n = 0; n < 4; n += 1) {
    const id = await makeDraft(invoicing, ctx, customerId);
    if (n < 3) await invoicing.issueInvoice(ctx, { id });
    invoiceIds.push(id);
    paymentIds.push((await pay(payments, ctx, customerId, 700)).id);
  }
  return { ctx, customerId, invoiceIds, paymentIds };
}

async function makeDraft(invoicing: Books['invoicing'], ctx: Ctx, customerId: string) {
  // Parts of it have whole taxes, so that credits of parts add up to the invoice.
  const line = { description: 'Tea', quantity: '10', unitPriceMinor: 100, taxPpm: 190_000 };
  return (await invoicing.createDraft(ctx, { customerId, lines: [line] })).id;
}

function pay(payments: Books['payments'], ctx: Ctx, customerId: string, amountMinor: number) {
  const terms = { receivedOn: '2026-01-15', currency: 'EUR', method: 'card' } as const;
  return payments.recordPayment(ctx, { customerId, amountMinor, ...terms });
}

function run({ invoicing, payments }: Books, scene: Scene, each: Step): Promise<unknown> {
  const { ctx, customerId, invoiceIds, paymentIds } = scene;
  const invoiceId = invoiceIds[each.invoice] ?? '';
  const id = paymentIds[each.payment] ?? '';
  const { amountMinor } = each;
  const items = [{ invoiceId, amountMinor }];
  const lines = [{ position: 1, quantity: '3' }];
  const credit = { id: invoiceId, reason: 'returned' };
  const acts = {
    pay: () => pay(payments, ctx, customerId, amountMinor),
    allocate: () => payments.allocatePayment(ctx, { id, allocate: { by: 'amounts', items } }),
    unallocate: () => payments.unallocatePayment(ctx, { id }),
    credit: () => invoicing.creditInvoice(ctx, { ...credit, lines }),
    creditAll: () => invoicing.creditInvoice(ctx, credit),
    issue: () => invoicing.issueInvoice(ctx, { id: invoiceIds[3] ?? '' }),
  };
  return acts[each.what]();
}

const refusals = /^(?:invoicing|payments)\.[a-z_]+$/u;

test('random work of invoicing and payments at once ends in books that add up', async (t) => {
  const books = await startBooks(t);

  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const scene = await setScene(books);

      const results = await Promise.allSettled(steps.map((each) => run(books, scene, each)));
      await books.settled();

      const codes = results.flatMap((each) =>
        each.status === 'rejected' ? [Problem.from(each.reason).code] : [],
      );
      assert.deepEqual(
        codes.filter((code) => !refusals.test(code)),
        [],
      );
      assert.deepEqual(await books.database.many(scene.ctx, wrong, { least: 0 }), []);
    }),
    { numRuns: 8 },
  );
});

test('the wholesaler comes in with its customers, opening payments and balances', async (t) => {
  const { blobs, customers, database, invoicing, payments, settled } = await startBooks(t);
  const ctx = ctxOf();
  const blob = `${ctx.tenant}/imports/${newId()}`;
  const { file, settings } = wholesaler.invoices;
  const options = { tenant: ctx.tenant, type: 'text/csv', bytesMax: 2 ** 24 };
  await blobs.put(blob, createReadStream(file), options);

  const { id } = await invoicing.uploadImport(ctx, { blob, fileName: 'invoices.csv' });
  const input = { ...settings, columns: {} };
  await invoicing.runImport(ctx, { id, mode: 'book', settings: input });
  await eventually(async () => (await invoicing.getImport(ctx, { id })).state === 'done', {
    withinMs: 60_000,
  });
  await settled();

  const all = await invoicing.summarizeInvoices(ctx, {});
  const open = await invoicing.summarizeInvoices(ctx, { f: ['status:in:open'] });
  const opening = await payments.summarizePayments(ctx, { f: ['method:in:opening'] });
  assert.deepEqual([all.total.n, all.sums?.[0]?.amounts['grossMinor']], [18_532, 891_140_790]);
  assert.equal((await customers.summarizeCustomers(ctx, {})).total.n, 4_338);
  assert.equal(opening.total.n + open.total.n, 18_532);
  assert.equal(
    (opening.sums?.[0]?.amounts['amountMinor'] ?? 0) + (open.sums?.[0]?.amounts['openMinor'] ?? 0),
    891_140_790,
  );
  assert.deepEqual(await database.many(ctx, wrong, { least: 0 }), []);
});
