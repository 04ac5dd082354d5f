import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { systemClock } from '@plinth/core';
import { z } from '@plinth/core/z';
import { eventually, startProcess } from '@plinth/testing';
import { Client } from 'pg';

import { createSite, root, type Site } from './site.ts';

const plinth = 'packages/cli/bin/plinth.js';
const gateFailed = 1;
/** The machine was too busy to say anything: it is measured once more. */
const invalidMeasurement = 6;
const seconds = process.env['PLINTH_TEST_LONG'] === '1' ? 60 : 15;
const rssMegabytesMax = 220;
/** Not reached yet at every run (docs/roadmap.md); beyond this something leaks. */
const leakMegabytesMax = 400;
const plantedMs = 600;

async function load(t: TestContext, site: Site, target: string) {
  const args = ['load', 'smoke', '--target', target, '--duration', `${seconds}s`, '--rate', '20'];
  const runOnce = async () => {
    const run = await startProcess(t, [process.execPath, plinth, ...args], {
      cwd: root,
      env: site.environment,
    });
    return { code: await run.exit, output: run.output() };
  };
  const first = await runOnce();
  return first.code === invalidMeasurement ? runOnce() : first;
}

/** Forwards to the product, and holds one route's answers back. */
async function slowDown(t: TestContext, site: Site, path: string): Promise<string> {
  const target = new URL(site.url);
  const proxy = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const forwarded = request({
      host: target.hostname,
      port: target.port,
      method,
      path: url,
      headers: { ...headers, host: target.host },
    });
    forwarded.on('response', (answer) => {
      const pass = () => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(outgoing);
      };
      if (url?.split('?', 1)[0] !== path) pass();
      else void systemClock.sleep(plantedMs, t.signal).then(pass, () => outgoing.destroy());
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  t.after(() => proxy.closeAllConnections());
  t.after(() => proxy.close());
  const { promise, resolve } = Promise.withResolvers<number>();
  proxy.listen(0, '127.0.0.1', () => {
    const address = proxy.address();
    resolve(typeof address === 'object' && address !== null ? address.port : 0);
  });
  return `http://127.0.0.1:${await promise}`;
}

/** What npm start runs, settings of its memory included, without the interface. */
async function startCommand(): Promise<string[]> {
  const scripts = z.object({ scripts: z.object({ start: z.string() }) });
  const text = await readFile(join(root, 'package.json'), 'utf8');
  const { start } = scripts.parse(JSON.parse(text)).scripts;
  return ['sh', '-c', `${start} --no-interface`];
}

/** What the import published is still being handled when its last row is in. */
async function waitForDeliveries(site: Site): Promise<void> {
  const admin = new Client({ connectionString: await site.adminUrl() });
  await admin.connect();
  await eventually(
    async () => {
      const { rowCount } = await admin.query('select from plinth.delivery limit 1');
      assert.equal(rowCount, 0);
    },
    { withinMs: 120_000 },
  );
  await admin.end();
}

test('the product under load', async (t) => {
  const site = await createSite(t);
  const server = await startProcess(t, await startCommand(), {
    cwd: root,
    env: site.environment,
    ready: /The demo data is complete/u,
    withinMs: 240_000,
  });
  await waitForDeliveries(site);

  await t.test('it passes its gate, and the rate is told', async (tc) => {
    const { code, output } = await load(tc, site, site.url);

    assert.equal(code, 0, output);
    assert.match(output, /smoke: \d+\.\d requests\/s/u);
    assert.match(output, /(?:passed|noisy): every gate holds/u);
  });

  await t.test(
    'what it holds afterwards is told, and in the long run held to 220 MB',
    async (own) => {
      const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
      const kilobytes = Number(/VmRSS:\s+(\d+) kB/u.exec(status)?.[1]);
      own.diagnostic(`${Math.round(kilobytes / 1_024)} MB, ${rssMegabytesMax} MB wanted`);
      const isLong = process.env['PLINTH_TEST_LONG'] === '1';
      const megabytesMax = isLong ? rssMegabytesMax : leakMegabytesMax;
      assert(kilobytes > 0 && kilobytes <= megabytesMax * 1_024, `${kilobytes} KB`);
    },
  );

  await t.test('a delay of 600 ms in one route fails the gate, which names it', async (tc) => {
    const target = await slowDown(tc, site, '/v1/reports/dashboard');

    const { code, output } = await load(tc, site, target);

    assert.equal(code, gateFailed, output);
    assert.match(output, /failed: .*p50 of GET \/v1\/reports\/dashboard is \d{3,} ms/u);
  });

  server.kill('SIGTERM');
  assert.equal(await server.exit, 0);
});
