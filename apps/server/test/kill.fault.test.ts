import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test, type TestContext } from 'node:test';

import { eventually, type Proc } from '@plinth/testing';
import { Client } from 'pg';

import { send, signIn, text, type Call, type Person } from './api.ts';
import { createSite, password, type Site } from './site.ts';

const clients = 20;
const kills = process.env['PLINTH_TEST_LONG'] === '1' ? 200 : 50;
const answerMs = 5_000;

interface Work {
  readonly person: Person;
  readonly url: string;
  readonly customerId: string;
  /** Invoice id → number, of every issue that was acknowledged. */
  readonly issued: Map<string, string>;
  isOver: boolean;
}

test('no acknowledged invoice, number or event is lost, whatever is killed', async (t) => {
  const site = await createSite(t);
  let server = await site.start();
  await site.provision('acme');
  const work = await begin(site);
  t.after(() => (work.isOver = true));

  const running = Array.from({ length: clients }, () => issueUntilOver(work));
  for (let kill = 0; kill < kills; kill += 1) {
    const before = work.issued.size;
    if (kill % 2 === 0) {
      server.kill('SIGKILL');
      await server.exit;
      server = await site.start();
    } else {
      process.kill(await site.postgresPid(), 'SIGKILL');
    }
    await progressOf(work, before);
  }
  work.isOver = true;
  await Promise.all(running);

  await checkBooks(t, site, work);
  await endCleanly(server);
});

async function begin(site: Site): Promise<Work> {
  const person = await signIn(site.url, 'owner@acme.example', password);
  const made = await person.send('POST', '/v1/customers', {
    body: { name: 'Buyer Ltd', country: 'GB', currency: 'GBP' },
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return { person, url: site.url, customerId: text(made, 'id'), issued: new Map(), isOver: false };
}

/** One client: a draft, its number, and again; what is not answered is sent again under its key. */
async function issueUntilOver(work: Work): Promise<void> {
  while (!work.isOver) {
    const draft = await insist(work, 'POST', '/v1/invoices', {
      body: {
        customerId: work.customerId,
        lines: [{ description: 'Work', quantity: '1', unitPriceMinor: 1_000, taxPpm: 200_000 }],
      },
    });
    if (draft === undefined) return;
    const id = text(draft, 'id');
    const issued = await insist(work, 'POST', `/v1/invoices/${id}/issue`, {
      version: text(draft, 'version'),
    });
    if (issued === undefined) return;
    work.issued.set(id, text(issued, 'number'));
  }
}

/** As a browser does: the same key until an answer came, whoever died meanwhile. */
async function insist(work: Work, method: string, path: string, call: Call) {
  const key = randomUUID();
  for (;;) {
    const signal = AbortSignal.timeout(answerMs);
    const reply = await send(`${work.url}${path}`, method, work.person.cookie, {
      ...call,
      key,
      signal,
    }).catch(() => undefined);
    if (reply !== undefined && reply.status < 300) return reply;
    const mayComeBack =
      reply === undefined || reply.status >= 500 || reply.status === 409 || reply.status === 429;
    assert(mayComeBack, `${path}: ${JSON.stringify(reply?.body)}`);
    if (work.isOver) return undefined;
  }
}

async function progressOf(work: Work, before: number): Promise<void> {
  await eventually(
    () => assert(work.issued.size > before, `${work.issued.size} invoices, as before the kill`),
    { withinMs: 60_000 },
  );
}

async function checkBooks(t: TestContext, site: Site, work: Work): Promise<void> {
  const admin = new Client({ connectionString: await site.adminUrl() });
  // The server ends before this connection does: the product is stopped at the end.
  admin.on('error', () => undefined);
  await admin.connect();
  t.after(() => admin.end());
  const stored = await admin.query<{ id: string; number: string }>(
    `select id, number from invoicing.invoice where number is not null order by number`,
  );
  const byId = new Map(stored.rows.map(({ id, number }) => [id, number]));

  // Every acknowledged invoice is there under its number; an unanswered one may be there too.
  for (const [id, number] of work.issued) assert.equal(byId.get(id), number);

  // Numbers are gapless and unique.
  const counts = stored.rows.map(({ number }) => Number(number.split('-')[2]));
  assert.deepEqual(
    counts,
    Array.from({ length: counts.length }, (_, index) => index + 1),
  );
  t.diagnostic(`${work.issued.size} acknowledged, ${counts.length} stored, ${kills} kills`);

  // Every event took effect once, in order: each document was drafted, then issued.
  await eventually(
    async () => {
      const { rows } = await admin.query<{ id: string; actions: string[] }>(
        `select object_id as id, array_agg(action order by seq) as actions
         from audit.entry where object_id = any ($1) group by 1`,
        [[...byId.keys()]],
      );
      assert.equal(rows.length, byId.size, await standOf(admin));
      for (const { actions } of rows) assert.equal(actions.length, 2, actions.join(' '));
      for (const { actions } of rows) assert.match(actions.join(' '), /drafted .*issued/u);
    },
    { withinMs: 60_000 },
  );
  const balance = await admin.query<{ open: string }>(
    'select sum(open_minor)::text as open from customers.balance',
  );
  assert.equal(Number(balance.rows[0]?.open), byId.size * 1_200);
}

/** Where the events are that took no effect yet. */
async function standOf(admin: Client): Promise<string> {
  const { rows } = await admin.query<Record<string, unknown>>(`
    select s.name, s.paused_why, count(d.id) as pending, count(d.id) filter (where d.held) as held,
      max(d.attempt) as attempt, max(d.due) - now() as due, min(d.error) as error,
      (select count(*) from plinth.dead x where x.sub = s.sub) as dead,
      (select count(*) from plinth.lease l where l.sub = s.sub and l.until > now()) as leases,
      (select coalesce(r.prev::text, '') || ' / ' || coalesce(r.cur::text, '') || ' / ' || pg_current_snapshot()::text from plinth.relay r) as relay,
      (select count(*) from plinth.outbox) as outbox
    from plinth.subscription s left join plinth.delivery d using (sub) group by s.sub`);
  return rows.map((row) => JSON.stringify(row)).join('\n');
}

async function endCleanly(server: Proc): Promise<void> {
  server.kill('SIGTERM');
  assert.equal(await server.exit, 0);
}
