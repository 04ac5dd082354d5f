import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { eventually, startProcess, type Proc } from '@plinth/testing';

import { demoAccounts } from '../src/seed/accounts.ts';
import { bodyOf, send, signIn } from './api.ts';
import { createSite, root, type Site } from './site.ts';

const up = ['packages/cli/bin/plinth.js', 'up', '--foreground'];
const nobody = '65534';

/** Starts it without waiting for anything but its end. */
async function startToEnd(
  t: TestContext,
  environment: Readonly<Record<string, string>>,
  prefix: string[] = [],
) {
  const started = await startProcess(t, [...prefix, process.execPath, ...up, '--no-demo'], {
    cwd: root,
    env: environment,
  });
  const code = await started.exit;
  return { code, output: started.output() };
}

async function startWithDemo(t: TestContext, { environment }: Site): Promise<Proc> {
  return startProcess(t, [process.execPath, ...up], {
    cwd: root,
    env: environment,
    ready: /Plinth is ready: http:\/\/127\.0\.0\.1:\d+/u,
    withinMs: 60_000,
  });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('the first start shows its progress, the address and the accounts, then fills in real books', async (t) => {
  const site = await createSite(t);
  const server = await startWithDemo(t, site);

  for (const { email, password } of demoAccounts) {
    assert(server.output().includes(email) && server.output().includes(password), email);
  }
  assert.match(server.output(), /✓ database[\s\S]*✓ product/u);
  const owner = demoAccounts[0];
  assert(owner !== undefined);
  await server.waitFor(/The demo data is complete/u, 120_000);

  const person = await signIn(site.url, owner.email, owner.password);
  const me = await person.send('GET', '/v1/me');
  const { tenants } = bodyOf<{ tenants: { id: string; name: string }[] }>(me);
  const wholesaler = tenants.find(({ name }) => name === 'UK Wholesaler');
  assert(wholesaler !== undefined, JSON.stringify(me.body));
  await person.send('POST', '/v1/session/tenant', { body: { tenant: wholesaler.id } });

  const switched = await signInTo(site.url, owner, wholesaler.id);
  const summary = await switched.send('GET', '/v1/invoices/summary?f=kind:in:invoice');
  const customers = await switched.send('GET', '/v1/customers/summary');
  assert.deepEqual(countOf(summary.body), 18_532);
  assert.deepEqual(countOf(customers.body), 4_338);
  const { sums } = bodyOf<{
    sums: { currency: string; amounts: Record<string, number> }[];
  }>(summary);
  assert.deepEqual(
    sums.map(({ currency, amounts }) => [currency, amounts['grossMinor']]),
    [['GBP', 891_140_790]],
  );

  server.kill('SIGTERM');
  assert.equal(await server.exit, 0);
});

async function signInTo(url: string, account: { email: string; password: string }, tenant: string) {
  const answer = await fetch(`${url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
    body: JSON.stringify({ email: account.email, password: account.password, tenant }),
  });
  assert.equal(answer.status, 200);
  const cookie = answer.headers
    .getSetCookie()
    .map((text) => text.split(';', 1)[0])
    .join('; ');
  return {
    send: (method: string, path: string) => send(`${url}${path}`, method, cookie, {}),
  };
}

function countOf(body: Readonly<Record<string, unknown>>): unknown {
  const { total } = body;
  assert(typeof total === 'object' && total !== null && 'n' in total && 'exact' in total);
  assert.equal(total.exact, true);
  return total.n;
}

test('Ctrl-C and SIGTERM leave no process, and the data is there at the next start', async (t) => {
  const site = await createSite(t);
  const first = await site.start();
  await site.provision('acme');
  const postgres = await site.postgresPid();

  // As below npm: once from the terminal, and once handed on.
  first.kill('SIGINT');
  first.kill('SIGINT');
  assert.equal(await first.exit, 0);
  assert(!isRunning(postgres), 'PostgreSQL has ended');

  const second = await site.start();
  await signIn(site.url, 'owner@acme.example', 'correct horse battery');
  const next = await site.postgresPid();
  second.kill('SIGTERM');
  assert.equal(await second.exit, 0);
  assert(!isRunning(next), 'PostgreSQL has ended');
});

test('a start after kill -9 takes over the database that was left behind', async (t) => {
  const site = await createSite(t);
  const first = await site.start();
  await site.provision('acme');
  const orphan = await site.postgresPid();
  process.kill(first.pid, 'SIGKILL');
  await first.exit;
  assert(isRunning(orphan), 'PostgreSQL outlived its process');

  const second = await site.start();
  await signIn(site.url, 'owner@acme.example', 'correct horse battery');
  second.kill('SIGTERM');
  await second.exit;

  await eventually(() => assert(!isRunning(orphan), 'the orphan has ended'));
});

test('a second start beside a running one says where that runs', async (t) => {
  const site = await createSite(t);
  const first = await site.start();

  const second = await startToEnd(t, { ...site.environment, HTTP_PORT: '0' });

  assert.equal(second.code, 1);
  assert.match(
    second.output,
    new RegExp(`Plinth already runs here: ${site.url} \\(process ${first.pid}\\)`, 'u'),
  );
  assert.doesNotMatch(second.output, /\n\s+at /u);
});

test('a taken port is told in one sentence', async (t) => {
  const site = await createSite(t);
  const port = Number(new URL(site.url).port);
  const other = createServer().listen(port, '127.0.0.1');
  t.after(() => other.close());
  await eventually(() => assert(other.listening));

  const { code, output } = await startToEnd(t, site.environment);

  assert.equal(code, 4);
  assert.match(output, new RegExp(`Port ${port} is taken by another program\\.`, 'u'));
});

test('a read-only folder is told to an ordinary user in one sentence', async (t) => {
  const site = await createSite(t);
  const locked = join(site.folder, 'locked');
  await mkdir(locked);
  await chmod(site.folder, 0o755);
  await chmod(locked, 0o555);
  // Root may write anywhere: somebody else has to try.
  const isRoot = process.getuid?.() === 0;
  const prefix = isRoot
    ? ['setpriv', '--reuid', nobody, '--regid', nobody, '--clear-groups', '--']
    : [];
  const home = { HOME: locked, PLINTH_DATA: join(locked, 'data') };

  const { code, output } = await startToEnd(t, { ...site.environment, ...home }, prefix);

  assert.equal(code, 4, output);
  assert.match(output, /The data folder .*locked\/data cannot be written\./u);
});

test('a half-written data folder is told in one sentence, and left as it is', async (t) => {
  const site = await createSite(t);
  const data = join(site.folder, 'postgres', 'data');
  await mkdir(data, { recursive: true });
  await writeFile(join(data, 'PG_VERSION'), '');

  const { code, output } = await startToEnd(t, site.environment);

  assert.notEqual(code, 0);
  assert.match(output, /✗ .*(?:folder|data)/u);
  assert.doesNotMatch(output, /\n\s+at /u);
  assert.equal(await readFile(join(data, 'PG_VERSION'), 'utf8'), '');
  await rm(data, { recursive: true });
});
