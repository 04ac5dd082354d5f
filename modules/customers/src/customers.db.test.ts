import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { openDatabase, testCtx } from '@plinth/testing';

import {
  customersMigrations,
  newId,
  startCustomers,
  tenantA,
  tenantB,
} from './customers-fixture.ts';

const permissions = ['customers.read', 'customers.write', 'imports.write', 'exports.all'];

async function setUp(t: TestContext) {
  const database = await openDatabase(t, { migrations: customersMigrations });
  const parts = startCustomers(database);
  const ctx = testCtx({ tenant: tenantA, permissions });
  const other = testCtx({ tenant: tenantB, permissions });
  const create = (name: string, more = {}) =>
    parts.client.createCustomer(ctx, { name, country: 'AT', currency: 'EUR', ...more });
  return { ...parts, database, ctx, other, create };
}

test('a customer is created with the next number, and read as it was written', async (t) => {
  const { client, ctx, create } = await setUp(t);
  const contacts = [{ name: 'Ida', position: 'CFO', email: null, phone: '+43 1' }];

  const created = await create('Acme', { city: 'Vienna', creditLimitMinor: 1_000_000, contacts });
  const customer = await client.getCustomer(ctx, { id: created.id });

  assert.deepEqual([created.number, created.version], ['C-000001', '1']);
  const { createdAt, changedAt, ...rest } = customer;
  assert.deepEqual(rest, {
    id: created.id,
    version: '1',
    number: 'C-000001',
    name: 'Acme',
    legalName: null,
    vatId: null,
    email: null,
    phone: null,
    street: null,
    postalCode: null,
    city: 'Vienna',
    region: null,
    country: 'AT',
    currency: 'EUR',
    termDays: 30,
    creditLimitMinor: 1_000_000,
    notes: null,
    contacts,
    archivedAt: null,
  });
  assert.equal(createdAt, changedAt);
});

test('a number is unique in its tenant, and ours step over those that are taken', async (t) => {
  const { client, other, create } = await setUp(t);
  await create('Acme', { number: 'C-000001' });

  assert.equal((await create('Globex')).number, 'C-000002');
  await assert.rejects(create('Initech', { number: 'C-000002' }), {
    code: 'customers.number_taken',
  });
  const elsewhere = { name: 'X', country: 'AT', currency: 'EUR', number: 'C-000002' };
  assert.equal((await client.createCustomer(other, elsewhere)).version, '1');
});

test('changeCustomer changes what is given, once for a version', async (t) => {
  const { client, ctx, create } = await setUp(t);
  const { id, version } = await create('Acme', { city: 'Graz' });

  const tries = await Promise.allSettled(
    ['Linz', 'Wels'].map((city) => client.changeCustomer(ctx, { id, version, city })),
  );

  assert.deepEqual(tries.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  await assert.rejects(client.changeCustomer(ctx, { id, version, city: 'Enns' }), {
    code: 'http.stale_version',
    context: { current: '2' },
  });
  const { name, city } = await client.getCustomer(ctx, { id });
  assert.equal(name, 'Acme');
  assert.match(city ?? '', /^(?:Linz|Wels)$/u);
});

test('changeCustomer without a change leaves the version', async (t) => {
  const { client, ctx, create } = await setUp(t);
  const { id } = await create('Acme');

  assert.deepEqual(await client.changeCustomer(ctx, { id, name: 'Acme' }), { id, version: '1' });
});

test('a customer is archived once, restored once, and keeps its contacts', async (t) => {
  const { client, ctx, create } = await setUp(t);
  const { id } = await create('Acme');
  const contacts = [{ name: 'Ida', position: null, email: null, phone: null }];
  await client.setContacts(ctx, { id, contacts });

  assert.deepEqual(await client.archiveCustomer(ctx, { id }), { id, version: '3' });
  await assert.rejects(client.archiveCustomer(ctx, { id }), {
    code: 'customers.already_archived',
  });
  assert.deepEqual((await client.suggestCustomers(ctx, { q: 'Acm' })).items, []);
  await client.restoreCustomer(ctx, { id });
  await assert.rejects(client.restoreCustomer(ctx, { id }), { code: 'customers.not_archived' });
  assert.deepEqual((await client.getCustomer(ctx, { id })).contacts, contacts);
});

test('another tenant’s customer is unknown to every operation', async (t) => {
  const { client, other, create } = await setUp(t);
  const { id } = await create('Acme');
  const unknown = { code: 'customers.unknown' };

  await assert.rejects(client.getCustomer(other, { id }), unknown);
  await assert.rejects(client.getBalances(other, { id }), unknown);
  await assert.rejects(client.changeCustomer(other, { id, name: 'X' }), unknown);
  await assert.rejects(client.archiveCustomer(other, { id }), unknown);
  await assert.rejects(client.setContacts(other, { id, contacts: [] }), unknown);
  assert.deepEqual((await client.suggestCustomers(other, { q: 'Acme' })).items, []);
  assert.equal((await client.listCustomers(other, {})).total.n, 0);
});

const item = (number: string) => ({
  number,
  name: `N${number}`,
  country: 'GB',
  currency: 'GBP',
  termDays: 30,
});

test('ensureCustomers finds those that are there and makes the others, each once', async (t) => {
  const { client, ctx, create } = await setUp(t);
  const acme = await create('Acme', { number: '1' });
  const { items } = await client.ensureCustomers(ctx, {
    items: [item('2'), item('1'), item('2')],
  });

  assert.deepEqual(
    items.map(({ number, name, created }) => [number, name, created]),
    [
      ['2', 'N2', true],
      ['1', 'Acme', false],
      ['2', 'N2', true],
    ],
  );
  assert.equal(items[1]?.id, acme.id);
});

test('ensureCustomers called by many at once for one number makes one', async (t) => {
  const { client, ctx } = await setUp(t);
  const items = [{ number: '7', name: 'N', country: 'GB', currency: 'GBP', termDays: 30 }];

  const results = await Promise.all(
    Array.from({ length: 6 }, () => client.ensureCustomers(ctx, { items })),
  );

  assert.equal(new Set(results.map(({ items: [one] }) => one?.id)).size, 1);
  assert.equal(results.filter(({ items: [one] }) => one?.created === true).length, 1);
});

test('the list is sorted, filtered and searched', async (t) => {
  const { client, ctx, create } = await setUp(t);
  for (const name of ['Zeta & Söhne', 'acme', 'Beta 100%', 'Alpha_1']) await create(name);
  await create('Delta', { country: 'DE', city: 'Köln', vatId: 'DE123456789' });
  const names = async (query: { f?: string[]; sort?: string }) =>
    (await client.listCustomers(ctx, query)).items.map(({ name }) => name);

  assert.deepEqual(await names({}), ['acme', 'Alpha_1', 'Beta 100%', 'Delta', 'Zeta & Söhne']);
  assert.deepEqual(await names({ sort: '-number' }), [
    'Delta',
    'Alpha_1',
    'Beta 100%',
    'acme',
    'Zeta & Söhne',
  ]);
  assert.deepEqual(await names({ f: ['country:in:DE'] }), ['Delta']);
  assert.deepEqual(await names({ f: ['name:contains:s%C3%B6h'] }), ['Zeta & Söhne']);
  assert.deepEqual(await names({ f: ['name:contains:100%25'] }), ['Beta 100%']);
  assert.deepEqual(await names({ f: ['name:contains:a_1'] }), ['Alpha_1']);
  assert.deepEqual(await names({ f: ['q:contains:de1234'] }), ['Delta']);
  assert.deepEqual(await names({ f: ['q:contains:al'] }), ['Alpha_1']);
});

test('suggestions begin with what begins so', async (t) => {
  const { client, ctx, create } = await setUp(t);
  for (const name of ['Big Acme', 'Acme', 'Acme Norge']) await create(name);

  const { items } = await client.suggestCustomers(ctx, { q: 'acme' });

  assert.deepEqual(
    items.map(({ name }) => name),
    ['Acme', 'Acme Norge', 'Big Acme'],
  );
});

test('an export gives every row of its filter', async (t) => {
  const { client, ctx, create } = await setUp(t);
  for (const name of ['A', 'B', 'C']) await create(name);

  const rows = await Array.fromAsync(client.exportCustomers(ctx, { sort: '-name' }));

  assert.deepEqual(
    rows.map(({ name }) => name),
    ['C', 'B', 'A'],
  );
});

test('without a tenant nothing is read or written', async (t) => {
  const { client } = await setUp(t);
  const nobody = testCtx({ permissions });
  const failsClosed = { code: 'postgres.no_tenant' };

  await assert.rejects(client.getCustomer(nobody, { id: newId() }), failsClosed);
  await assert.rejects(client.suggestCustomers(nobody, { q: 'Acme' }), failsClosed);
  await assert.rejects(
    client.createCustomer(nobody, { name: 'X', country: 'AT', currency: 'EUR' }),
    failsClosed,
  );
});

test('a customer of an id that nobody has is unknown', async (t) => {
  const { client, ctx } = await setUp(t);

  await assert.rejects(client.getCustomer(ctx, { id: newId() }), { code: 'customers.unknown' });
});
