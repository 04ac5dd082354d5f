import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { cloneDatabase, eventually, startRedis } from '@plinth/testing';

import { migrations } from '../src/modules.ts';
import { signIn, text, type Person } from './api.ts';
import { startServed } from './served.ts';
import { password } from './site.ts';

const writes = 8;

/** Two processes of the product on one database, each with its own cache. */
async function startTwo(t: TestContext, environment: Readonly<Record<string, string>>) {
  const { url } = await cloneDatabase(t, { migrations });
  const [one, other] = await Promise.all([
    startServed(t, url, environment),
    startServed(t, url, environment),
  ]);
  await one.provision('acme');
  await one.provision('zeta');
  return { one: one.url, other: other.url };
}

async function read(person: Person, path: string, position?: string) {
  const headers = position === undefined ? {} : { 'plinth-position': position };
  return person.send('GET', path, { headers });
}

/** Writes by the one; whoever knows of it reads at once. @returns how many values were older than they may be. */
async function countStale(
  one: Person,
  other: Person,
  { path, field }: { readonly path: string; readonly field: string },
): Promise<number> {
  let stale = 0;
  for (let round = 0; round < writes; round += 1) {
    // Both keep it before it changes.
    const known = await read(one, path);
    await read(other, path);
    const body = { [field]: `Round ${round}` };
    const written = await one.send('PATCH', path, { version: text(known, 'version'), body });
    assert.equal(written.status, 200, JSON.stringify(written.body));
    const position = written.headers.get('plinth-position') ?? '';
    assert.notEqual(position, '');
    const answers = await Promise.all([read(one, path), read(other, path, position)]);
    stale += answers.filter((answer) => answer.body[field] !== `Round ${round}`).length;
  }
  return stale;
}

async function exercise(
  t: TestContext,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const site = await startTwo(t, environment);
  const one = await signIn(site.one, 'owner@acme.example', password);
  const other = await signIn(site.other, 'owner@acme.example', password);
  const made = await one.send('POST', '/v1/customers', {
    body: { name: 'First', country: 'DE', currency: 'EUR' },
  });
  const customer = `/v1/customers/${text(made, 'id')}`;
  const draft = await one.send('POST', '/v1/invoices', {
    body: { customerId: text(made, 'id'), lines: [] },
  });
  const invoice = `/v1/invoices/${text(draft, 'id')}`;

  assert.equal(await countStale(one, other, { path: invoice, field: 'reference' }), 0);

  const unchanged = await read(other, invoice);
  const tag = unchanged.headers.get('etag') ?? '';
  const again = await other.send('GET', invoice, { headers: { 'if-none-match': tag } });
  assert.deepEqual([again.status, again.headers.get('etag')], [304, tag]);
  const draftNow = await one.send('PATCH', invoice, {
    version: text(unchanged, 'version'),
    body: { reference: 'After the tag' },
  });
  const position = draftNow.headers.get('plinth-position') ?? '';
  const headers = { 'if-none-match': tag, 'plinth-position': position };
  assert.equal((await other.send('GET', invoice, { headers })).status, 200, 'it is another now');

  // Last: invoices follow the name of their customer in a process of their own choice.
  assert.equal(await countStale(one, other, { path: customer, field: 'name' }), 0);

  // Kept by now in both processes, and no other company's to read.
  const stranger = await signIn(site.other, 'owner@zeta.example', password);
  assert.deepEqual(
    [(await read(stranger, customer)).status, (await read(stranger, invoice)).status],
    [404, 404],
  );

  const clerk = await signIn(site.other, 'clerk@acme.example', password);
  assert.equal((await read(clerk, customer)).status, 200);
  const me = await read(clerk, '/v1/me');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the shape of the answer
  const { user } = me.body as { user: { id: string } };
  const removed = await one.send('DELETE', `/v1/users/${user.id}`);
  assert.equal(removed.status, 200, JSON.stringify(removed.body));
  await eventually(
    async () => {
      const { status } = await read(clerk, customer);
      assert(status === 401 || status === 403, `who was removed gets ${status}`);
    },
    { withinMs: 30_000 },
  );
}

test('who knows of a write never reads an older value in another process, by one Redis', async (t) => {
  const redis = await startRedis(t);
  await exercise(t, { REDIS_URL: redis.url });
  assert(Number(await redis.run('dbsize')) > 1, 'the second level holds what was read');
});

test('who knows of a write never reads an older value in another process that hears of nothing', async (t) => {
  await exercise(t, {});
});
