import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { createCluster, eventually, startProcess, type Cluster } from '@plinth/testing';

import { bodyOf, signIn, text, type Person } from './api.ts';
import { password, provision, root } from './site.ts';

const customersPerPhase = 15;
const lagMs = 1_000;
const patient = { withinMs: 60_000 };

interface Product {
  readonly url: string;
  readonly opsUrl: string;
}

async function findFreePort(): Promise<number> {
  const probe = createServer();
  const { promise, resolve } = Promise.withResolvers<number>();
  probe.listen(0, '127.0.0.1', () => {
    const address = probe.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    probe.close(() => resolve(port));
  });
  return promise;
}

/** A process of the product on a cluster, as `DATABASE_URL` names it. */
async function startProduct(t: TestContext, cluster: Cluster, master: string): Promise<Product> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-site-'));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const [port, opsPort] = [await findFreePort(), await findFreePort()];
  const up = ['packages/cli/bin/plinth.js', 'up', '--foreground', '--no-demo', '--no-interface'];
  await startProcess(t, [process.execPath, ...up], {
    cwd: root,
    env: {
      PATH: process.env['PATH'] ?? '',
      DATABASE_URL: cluster.url,
      DATABASE_ADMIN_URL: cluster.adminUrl,
      PLINTH_MASTER_KEY: master,
      PLINTH_DATA: folder,
      HTTP_PORT: String(port),
      OPS_PORT: String(opsPort),
      NO_COLOR: '1',
    },
    ready: /Plinth is ready/u,
    withinMs: 120_000,
  });
  return { url: `http://127.0.0.1:${port}`, opsUrl: `http://127.0.0.1:${opsPort}` };
}

async function readsOf({ opsUrl }: Product): Promise<Record<string, number>> {
  const page = await (await fetch(`${opsUrl}/metrics`)).text();
  const found = page.matchAll(/^plinth_pg_reads_total\{[^}]*route="(\w+)"[^}]*\} (\d+)/gmu);
  return Object.fromEntries([...found].map(([, route = '', count]) => [route, Number(count)]));
}

interface Scene {
  /** Writes here … */
  readonly writer: Person;
  /** … and looks there at once. */
  readonly reader: Person;
  readonly made: string[];
}

/** Makes a customer in one process, and finds it in the list that another one serves. */
async function makeAndFind({ writer, reader, made }: Scene): Promise<void> {
  const body = { name: `Buyer ${made.length}`, country: 'GB', currency: 'GBP' };
  const answer = await writer.send('POST', '/v1/customers', { body });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  const id = text(answer, 'id');
  const token = answer.headers.get('plinth-position') ?? '';
  const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('plinth-pos='));
  assert.equal(cookie, `plinth-pos=${token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=60`);
  made.push(id);
  const list = await reader.send('GET', '/v1/customers?limit=200', {
    headers: { 'plinth-position': token },
  });
  const { items } = bodyOf<{ items: { id: string }[] }>(list);
  assert.ok(
    items.some((item) => item.id === id),
    'the list has what was made just before, elsewhere',
  );
  assert.equal(list.headers.get('plinth-position'), null);
}

test('the product reads from replicas what its clients wrote elsewhere, and goes on after a failover', async (t) => {
  const cluster = await createCluster(t, { sync: true });
  const master = `one:${randomBytes(32).toString('base64')}`;
  const first = await startProduct(t, cluster, master);
  const second = await startProduct(t, cluster, master);
  const folder = await mkdtemp(join(tmpdir(), 'plinth-site-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await provision(cluster.url, { folder, name: 'acme', master });
  const made: string[] = [];
  const people = async () => ({
    writer: await signIn(first.url, 'owner@acme.example', password),
    reader: await signIn(second.url, 'owner@acme.example', password),
    made,
  });
  const scene = await people();
  await cluster.lag(2, lagMs);

  const before = await readsOf(second);
  for (let count = 0; count < customersPerPhase; count += 1) await makeAndFind(scene);
  const after = await readsOf(second);
  await cluster.kill(0);
  const next = await cluster.furthest();
  await cluster.promote(next);
  const promotedMs = performance.now();
  await eventually(() => makeAndFind(scene).then(() => true), patient);
  const firstMs = performance.now() - promotedMs;
  // A busy machine may answer 503 for a while: a client comes again.
  for (let count = 0; count < customersPerPhase; count += 1) {
    await eventually(() => makeAndFind(scene).then(() => true), patient);
  }

  const served = (after['replica'] ?? 0) + (after['waited'] ?? 0);
  const servedBefore = (before['replica'] ?? 0) + (before['waited'] ?? 0);
  t.diagnostic(
    `${JSON.stringify(after)} reads at the second process; written and found ${firstMs.toFixed(0)} ms after the promotion`,
  );
  assert.ok(served - servedBefore >= customersPerPhase, 'replicas served the lists');
  const list = await scene.writer.send('GET', '/v1/customers?limit=200');
  const ids = new Set(bodyOf<{ items: { id: string }[] }>(list).items.map(({ id }) => id));
  assert.deepEqual(
    made.filter((id) => !ids.has(id)),
    [],
  );
});
