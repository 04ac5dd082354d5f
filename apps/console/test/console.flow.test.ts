import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test, type TestContext } from 'node:test';

import { browser, eventually } from '@plinth/testing';

import { bodyOf, signIn } from '../../server/test/api.ts';
import { password } from '../../server/test/site.ts';
import { startConsole, type ConsoleSite, type Page } from './console-site.ts';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pages = ['/', '/processes', '/database', '/messages', '/traces', '/alerts'];
const silent = [/503|ERR_CONNECTION_REFUSED|401 \(Unauthorized\)/u];

test('the console, in the browser', async (t) => {
  const own = await startConsole(t);
  await own.site.provision('acme');
  await t.test('asks whoever comes without a link to make one, and a link works once', (one) =>
    gate(one, own),
  );
  await t.test('shows the requests that were sent, and one of them as a waterfall', (one) =>
    requests(one, own),
  );
  await t.test('is walked through by keys alone', (one) => keys(one, own));
  await t.test('has no finding of axe on any page, narrow or wide, light or dark', (one) =>
    accessible(one, own),
  );
  await t.test('says that the product ended, keeps its last figures, and still lets in', (one) =>
    ended(one, own),
  );
  own.console.kill('SIGTERM');
  await own.console.exit;
});

async function gate(t: TestContext, { url, newLink }: ConsoleSite): Promise<void> {
  const stranger = await browser(t, { allow: silent });
  await stranger.goto(url);
  await stranger.getByRole('heading', { name: 'Sign in by a link' }).waitFor();
  assert.equal((await fetch(`${url}/api/now`)).status, 401);
  assert.equal((await fetch(`${url}/links`, { method: 'POST' })).status, 401);

  const link = await newLink();
  const first = await fetch(link, { redirect: 'manual' });
  assert.match(first.headers.get('set-cookie') ?? '', /^plinth-ops=.+; HttpOnly; SameSite=Strict/u);
  await stranger.goto(link);

  await stranger.getByRole('heading', { name: 'This link was used' }).waitFor();
}

async function requests(t: TestContext, own: ConsoleSite): Promise<void> {
  const person = await signIn(own.site.url, 'owner@acme.example', password);
  for (let times = 0; times < 5; times += 1) {
    bodyOf<unknown>(await person.send('GET', '/v1/invoices'));
  }

  const page = await own.open(t, '/');
  await page.getByRole('cell', { name: 'GET /v1/invoices', exact: true }).waitFor();
  await page.getByRole('list', { name: 'Lamps' }).getByText('Latency p95').waitFor();
  await page.goto(`${own.url}/database`);
  await page
    .getByRole('region', { name: 'Statements by their time' })
    .getByRole('row')
    .nth(2)
    .waitFor();
  await page.getByRole('region', { name: 'Pools' }).getByRole('row').nth(1).waitFor();
  await page.goto(`${own.url}/traces`);
  const row = page.getByRole('row').filter({ hasText: '/v1/invoices' });
  await row.getByRole('link').first().click();

  await page.getByRole('region', { name: 'Waterfall' }).getByRole('row').nth(2).waitFor();
  assert.deepEqual(await findings(page), [], 'the waterfall');
  await keepPicture(page, 'trace-1280-light');
  await page.goto(`${own.url}/traces/00000000000000000000000000000000`);
  await page.getByRole('heading', { name: 'No process holds this trace any more' }).waitFor();
}

async function keys(t: TestContext, own: ConsoleSite): Promise<void> {
  const page = await own.open(t, '/');
  await page.getByRole('heading', { name: 'Overview' }).waitFor();

  await page.keyboard.press('g');
  await page.keyboard.press('p');
  await page.getByRole('heading', { name: 'Processes' }).waitFor();
  await page.getByRole('cell', { name: 'all.0' }).first().waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await page.getByRole('heading', { name: 'Alerts' }).waitFor();

  assert.equal(new URL(page.url()).pathname, '/alerts');
}

async function accessible(t: TestContext, own: ConsoleSite): Promise<void> {
  const looks = [
    { width: 1_440, height: 900, theme: 'light' },
    { width: 360, height: 780, theme: 'dark' },
  ] as const;
  for (const look of looks) {
    const page = await own.open(t, '/', look);
    for (const path of pages) {
      await page.goto(own.url + path);
      await page.getByRole('region').first().waitFor();
      assert.deepEqual(await findings(page), [], `${path} at ${look.width} px`);
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      assert.equal(overflow, 0, `${path} is no wider than ${look.width} px`);
      await keepPicture(page, `${path.slice(1)}-${look.width}-${look.theme}`);
    }
  }
}

/** With CONSOLE_SHOTS, where the pictures of the guide are made from. */
async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env['CONSOLE_SHOTS'];
  if (folder !== undefined) await page.screenshot({ path: `${folder}/console-${name}.png` });
}

async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(`axe.run().then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ' ' + nodes[0].html))`);
}

async function ended(t: TestContext, own: ConsoleSite): Promise<void> {
  const page = await own.open(t, '/processes');
  await page.getByText('live', { exact: true }).first().waitFor();

  own.product.kill('SIGTERM');
  await own.product.exit;

  await page.getByText('ended', { exact: true }).waitFor();
  const later = await own.open(t, '/');
  await later.getByText(/No process answers\. What is shown is as of/u).waitFor();
  await later.getByRole('cell', { name: 'GET /v1/invoices', exact: true }).waitFor();
  await eventually(async () =>
    assert.match(
      (await later.getByText('0 of 1 processes answer').textContent()) ?? '',
      /^0 of 1/u,
    ),
  );
}
