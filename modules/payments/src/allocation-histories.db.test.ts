import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Problem, type Ctx } from '@plinth/core';
import { sql, t as type } from '@plinth/postgres';
import { openDatabase, testCtx } from '@plinth/testing';
import fc from 'fast-check';

import { paymentsMigrations, startPayments } from './payments-fixture.ts';

const permissions = ['payments.read', 'payments.write'];

// Every amount that is kept twice, compared with a recount: no row is good.
const wrong = sql({ least: type.int4 }, { id: type.uuid })`
  select i.invoice_id as id from payments.open_item i where i.allocated_minor <>
    (select coalesce(sum(a.amount_minor), 0) from payments.allocation a where a.invoice_id = i.invoice_id)
    or i.open_minor < ${'least'}
  union all
  select p.id from payments.payment p where p.allocated_minor <>
    (select coalesce(sum(a.amount_minor), 0) from payments.allocation a where a.payment_id = p.id)
    or p.refunded_minor <> (select coalesce(sum(r.amount_minor), 0) from payments.refund r where r.payment_id = p.id)`;

const step = fc.record({
  what: fc.constantFrom('allocate', 'oldest', 'unallocate', 'refund'),
  payment: fc.nat(3),
  invoice: fc.nat(3),
  amountMinor: fc.integer({ min: 1, max: 400 }),
});

type Client = ReturnType<typeof startPayments>['client'];
type Step = typeof step extends fc.Arbitrary<infer value> ? value : never;

function runStep(client: Client, ctx: Ctx, id: string, each: Step & { invoiceId: string }) {
  const { what, invoiceId, amountMinor } = each;
  const items = [{ invoiceId, amountMinor }];
  if (what === 'allocate') {
    return client.allocatePayment(ctx, { id, allocate: { by: 'amounts', items } });
  }
  if (what === 'oldest') {
    return client.allocatePayment(ctx, { id, allocate: { by: 'oldest-first' } });
  }
  if (what === 'unallocate') return client.unallocatePayment(ctx, { id, invoiceIds: [invoiceId] });
  const refund = { refundedOn: '2026-01-15', reason: 'x' };
  return client.refundPayment(ctx, { id, amountMinor, ...refund });
}

test('random work at once by many leaves every amount equal to its recount', async (t) => {
  const database = await openDatabase(t, { migrations: paymentsMigrations });
  const { client, makeCustomer, makeInvoice, newId } = startPayments(database);

  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
      const ctx = testCtx({ tenant: newId(), permissions });
      const customerId = await makeCustomer(ctx);
      const make = { customerId, grossMinor: 700 };
      const invoices = await Promise.all([0, 1, 2, 3].map(() => makeInvoice(ctx, make)));
      const payments = await Promise.all(
        [0, 1, 2, 3].map(() =>
          client.recordPayment(ctx, {
            customerId,
            receivedOn: '2026-01-15',
            currency: 'EUR',
            amountMinor: 900,
            method: 'card',
          }),
        ),
      );
      const results = await Promise.allSettled(
        steps.map((each) => {
          const id = payments[each.payment]?.id ?? '';
          return runStep(client, ctx, id, { ...each, invoiceId: invoices[each.invoice] ?? '' });
        }),
      );

      const codes = results.flatMap((each) =>
        each.status === 'rejected' ? [Problem.from(each.reason).code] : [],
      );
      const expected = /^payments\.(?:exceeds_open|exceeds_payment|not_allocated)$/u;
      assert.deepEqual(
        codes.filter((code) => !expected.test(code)),
        [],
      );
      assert.deepEqual(await database.many(ctx, wrong, { least: 0 }), []);
    }),
    { numRuns: 15 },
  );
});
