import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { rolePermissions } from '@plinth/identity/module';
import { eventually } from '@plinth/testing';
import { Client } from 'pg';

import { openProduct } from './product.ts';
import { signIn, text, type Person, type Reply } from './api.ts';
import { attemptsWith, type Attempt } from './attempts.ts';
import { createSite, password, type Site } from './site.ts';

/** Stands in everything that tenant alpha wrote: no answer to anybody else may hold it. */
const marker = 'ALPHA-ONLY';
/** They end or replace the session that asks; signing in is tried by module identity's own tests. */
const ofSessions = new Set([
  'identity.signOut',
  'identity.changePassword',
  'identity.signIn',
  'identity.acceptInvitation',
]);

interface Stage {
  readonly site: Site;
  readonly admin: Client;
  readonly alpha: string;
  /** Ids of things of each kind that alpha has. */
  readonly ids: readonly string[];
}

async function setTheStage(t: TestContext): Promise<Stage> {
  const site = await createSite(t);
  await site.start();
  const { tenantId: alpha } = await site.provision('alpha');
  await site.provision('beta');
  const owner = await signIn(site.url, 'owner@alpha.example', password);
  const ids = [alpha, ...(await writeBooks(owner))];
  const admin = new Client({ connectionString: await site.adminUrl() });
  admin.on('error', () => undefined);
  await admin.connect();
  t.after(() => admin.end());
  const members = await admin.query<{ user_id: string }>(
    'select user_id from identity.membership where tenant_id = $1',
    [alpha],
  );
  ids.push(...members.rows.map((row) => row.user_id));
  return { site, admin, alpha, ids };
}

async function writeBooks(owner: Person): Promise<string[]> {
  const post = async (path: string, body: unknown, version?: string): Promise<Reply> => {
    const reply = await owner.send(
      'POST',
      path,
      version === undefined ? { body } : { body, version },
    );
    assert(reply.status < 300, `${path}: ${JSON.stringify(reply.body)}`);
    return reply;
  };
  const customer = text(
    await post('/v1/customers', { name: marker, country: 'DE', currency: 'EUR' }),
    'id',
  );
  const lines = [{ description: marker, quantity: '1', unitPriceMinor: 5_000, taxPpm: 0 }];
  const draft = await post('/v1/invoices', { customerId: customer, lines, note: marker });
  const second = await post('/v1/invoices', { customerId: customer, lines });
  const issued = text(second, 'id');
  await post(`/v1/invoices/${issued}/issue`, {}, text(second, 'version'));
  const payment = await post('/v1/payments', {
    customerId: customer,
    receivedOn: '2026-01-02',
    currency: 'EUR',
    amountMinor: 1_000,
    method: 'transfer',
    reference: marker,
  });
  return [customer, text(draft, 'id'), issued, text(payment, 'id')];
}

/** Like `send`, but waits where the rate limiter says so. */
async function attack(person: Person, { method, path, body, isUpload }: Attempt): Promise<Reply> {
  return eventually(
    async () => {
      const headers = isUpload ? { 'content-type': 'text/csv' } : {};
      const reply = await person.send(method, path, { body, version: '1', headers });
      // The limiter of requests passes; that of wrong passwords is an answer.
      assert.notEqual(reply.body['code'], 'http.rate_limited', `${method} ${path}`);
      return reply;
    },
    { withinMs: 30_000 },
  );
}

/** Every tenant table, with a digest of alpha's rows. */
/** Sums are compared by their views: a fold moves rows between their tables, and changes none of what they say. */
async function digestOf({ admin, alpha }: Stage): Promise<Map<string, string>> {
  const tables = await admin.query<{ name: string }>(
    `select a.attrelid::regclass::text as name from pg_attribute a join pg_class c on c.oid = a.attrelid
     join pg_namespace n on n.oid = c.relnamespace
     where a.attname = 'tenant_id'
       and (c.relkind in ('r', 'p') and not c.relispartition
           and n.nspname in ('identity', 'customers', 'invoicing', 'payments', 'audit', 'notifications')
           and c.relname !~ '_(delta|rollup)$'
         or c.relkind = 'v' and n.nspname in ('invoicing_api', 'payments_api')
           and exists (select from pg_class f where f.relname = c.relname || '_rollup'))
     order by 1`,
  );
  const digests = new Map<string, string>();
  for (const { name } of tables.rows) {
    const { rows } = await admin.query<{ digest: string | null }>(
      `select md5(string_agg(t::text, '|' order by t::text)) as digest from ${name} t where t.tenant_id = $1`,
      [alpha],
    );
    digests.set(name, rows[0]?.digest ?? '');
  }
  return digests;
}

async function untilSettled({ admin }: Stage): Promise<void> {
  await eventually(
    async () => {
      const { rows } = await admin.query<{ pending: number }>(
        `select (select count(*) from plinth.delivery)::int
              + (select count(*) from plinth.outbox o, plinth.relay r
                 where not pg_visible_in_snapshot(o.tx, r.prev))::int as pending`,
      );
      assert.equal(rows[0]?.pending, 0);
    },
    { withinMs: 30_000 },
  );
}

test('no operation gives or takes anything of another tenant, and no lesser role does what it may not', async (t) => {
  const stage = await setTheStage(t);
  const { modules } = await openProduct(t);
  await untilSettled(stage);
  const before = await digestOf(stage);
  assert(before.size > 15, [...before.keys()].join(' '));

  const stranger = await signIn(stage.site.url, 'owner@beta.example', password);
  let tried = 0;
  for (const id of stage.ids) {
    for (const attempt of attemptsWith(modules, id)) {
      if (ofSessions.has(attempt.name)) continue;
      const reply = await attack(stranger, attempt);
      tried += 1;
      assert(reply.status < 500, `${attempt.name}: ${JSON.stringify(reply.body)}`);
      assert(
        !JSON.stringify(reply.body).includes(marker),
        `${attempt.name} gave alpha's data away`,
      );
    }
  }

  for (const role of ['accountant', 'clerk', 'viewer'] as const) {
    const person = await signIn(stage.site.url, `${role}@alpha.example`, password);
    const forbidden = attemptsWith(modules, stage.ids[1] ?? '').filter(
      ({ permission }) => permission !== 'public' && !rolePermissions[role].has(permission),
    );
    assert(forbidden.length > 0, role);
    for (const attempt of forbidden) {
      const reply = await attack(person, attempt);
      tried += 1;
      assert.equal(reply.status, 403, `${role} ${attempt.name}: ${JSON.stringify(reply.body)}`);
    }
  }

  // Signing in is the only trace that the attempts left with alpha.
  await untilSettled(stage);
  const after = await digestOf(stage);
  const changed = [...after].filter(([table, digest]) => before.get(table) !== digest);
  assert.deepEqual(
    changed.map(([table]) => table),
    ['audit.entry', 'audit.head'],
  );
  const { rows } = await stage.admin.query<{ action: string }>(
    `select distinct action from audit.entry where tenant_id = $1 and actor_id <> $2 order by 1`,
    [stage.alpha, 'none'],
  );
  t.diagnostic(
    `${tried} attempts; alpha's audit knows ${rows.map(({ action }) => action).join(', ')}`,
  );
  await checkSql(t, stage, [...after.keys()]);
});

/** The same by SQL, under the application's role: without a tenant it fails, with another's it finds nothing. */
async function checkSql(
  t: TestContext,
  { site, alpha }: Stage,
  tables: readonly string[],
): Promise<void> {
  const app = new Client({ connectionString: await site.appUrl() });
  app.on('error', () => undefined);
  await app.connect();
  t.after(() => app.end());
  for (const table of tables) {
    await assert.rejects(
      app.query(`select 1 from ${table} limit 1`),
      /unrecognized configuration|invalid input syntax for type uuid|permission denied/u,
      table,
    );
    await app.query('begin');
    await app.query(
      `select set_config('app.tenant', '00000000-0000-7000-8000-000000000001', true)`,
    );
    const found = await app
      .query(`select 1 from ${table} where tenant_id = $1 limit 1`, [alpha])
      .then(
        ({ rowCount }) => rowCount,
        (error: unknown) => (String(error).includes('permission denied') ? 0 : error),
      );
    assert.equal(found, 0, table);
    await app.query('rollback');
  }
}
