import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test, type TestContext } from 'node:test';

import {
  addCustomer,
  addDraft,
  addInvoice,
  call,
  type Page,
  type Pages,
  startPages,
} from './pages.ts';

const nowhere = '01890a5d-ac96-774b-bcce-b302099a8057';

test('pages of invoices and payments in all their states', async (t) => {
  const pages = await startPages(t);
  const flow = (name: string, run: (t: TestContext, pages: Pages) => Promise<void>) =>
    t.test(name, (one) => run(one, pages));

  await flow('first use says what to do, and to a viewer that there is nothing', firstUse);
  await flow('who may not write sees no way to, and a page of its own where there is none', roles);
  await flow('what is not there says so and offers the list', notFound);
  await flow('a failed list and a failed document say why, and Retry brings them', failed);
  await flow('an empty filter offers to clear it', emptyFilter);
  await flow('a payment is spread by hand, taken back, put back and refunded', spread);
  await flow('axe finds nothing serious, in light and dark, wide and narrow', accessible);
  await pages.stop();
});

async function firstUse(t: TestContext, pages: Pages): Promise<void> {
  const clerk = await pages.open(t, { role: 'clerk', path: '/invoices' });
  const viewer = await pages.open(t, { role: 'viewer', path: '/payments' });

  await clerk.getByRole('link', { name: 'Draft the first invoice' }).waitFor();
  await viewer.getByText('Nobody has recorded a payment yet.').waitFor();
}

async function roles(t: TestContext, pages: Pages): Promise<void> {
  const accountant = await pages.open(t, { role: 'accountant', path: '/' });
  const customer = await addCustomer(accountant, 'Castellan Foods Ltd');
  const [draft, invoice] = [
    await addDraft(accountant, customer),
    await addInvoice(accountant, customer),
  ];
  const viewer = await pages.open(t, { role: 'viewer', path: `/invoices/${invoice}` });
  const clerk = await pages.open(t, { role: 'clerk', path: `/invoices/${draft}` });

  await viewer.getByRole('heading', { level: 1, name: /^INV-/u }).waitFor();
  const names = await viewer.getByRole('main').getByRole('button').allTextContents();
  assert.deepEqual(names, ['']);
  assert.equal(await viewer.getByRole('link', { name: 'History' }).count(), 0);
  await clerk.getByRole('link', { name: 'Edit' }).waitFor();
  assert.equal(await clerk.getByRole('button', { name: 'Issue…' }).count(), 0);

  await viewer.goto(`${pages.url}/payments/new`);
  await viewer.getByText('Recording payments needs the role accountant or owner.').waitFor();
  await viewer.goto(`${pages.url}/invoices/${draft}/edit`);
  await viewer.getByText('Drafting invoices needs the role clerk, accountant or owner.').waitFor();
}

async function notFound(t: TestContext, pages: Pages): Promise<void> {
  const allow = [/404 \(Not Found\)/u];
  const path = `/invoices/${nowhere}`;
  const page = await pages.open(t, { role: 'accountant', path, allow });

  await page.getByRole('heading', { level: 2, name: 'There is nothing here.' }).waitFor();
  await page.getByRole('link', { name: 'To the invoices' }).click();
  await page.getByRole('heading', { level: 1, name: 'Invoices' }).waitFor();
  await page.goto(`${pages.url}/payments/${nowhere}`);
  await page.getByRole('link', { name: 'To the payments' }).waitFor();
}

async function failed(t: TestContext, pages: Pages): Promise<void> {
  const allow = [/500 \(/u, /^response: 500/u];
  const page = await pages.open(t, { role: 'accountant', path: '/', allow });
  const invoice = await addInvoice(page, await addCustomer(page, 'Kessler Logistik GmbH'));
  const problem = {
    status: 500,
    contentType: 'application/problem+json',
    body: JSON.stringify({
      type: '/problems/core.unexpected',
      title: 'It could not be completed',
      status: 500,
      detail: 'The request could not be completed.',
      instance: 'urn:request:0123',
      code: 'core.unexpected',
      kind: 'internal',
    }),
  };
  await page.route(/\/v1\/invoices(?:\?|\/[0-9a-f-]{36}$)/u, (route) => route.fulfill(problem));

  for (const [path, back] of [
    [`/invoices/${invoice}`, /^INV-/u],
    ['/invoices', 'Invoices'],
  ] as const) {
    await page.goto(pages.url + path);
    await page.getByText('The request could not be completed.').waitFor();
    await page.unroute(/\/v1\/invoices(?:\?|\/[0-9a-f-]{36}$)/u);
    await page.getByRole('button', { name: 'Retry' }).first().click();
    await page.getByRole('heading', { level: 1, name: back }).waitFor();
    await page.getByText('Kessler Logistik GmbH').first().waitFor();
    await page.route(/\/v1\/invoices(?:\?|\/[0-9a-f-]{36}$)/u, (route) => route.fulfill(problem));
  }
}

async function emptyFilter(t: TestContext, pages: Pages): Promise<void> {
  const path = '/invoices?f=customerName:contains:zzzz';
  const page = await pages.open(t, { role: 'accountant', path });

  await page.getByText('Nothing matches').waitFor();
  await page.getByRole('button', { name: 'Clear the filter' }).click();

  await page.getByRole('row', { name: /Kessler/u }).waitFor();
  assert.equal(new URL(page.url()).search, '');
}

async function spread(t: TestContext, pages: Pages): Promise<void> {
  const page = await pages.open(t, { role: 'accountant', path: '/' });
  const customer = await addCustomer(page, 'Vermeer Bloemen B.V.');
  await addInvoice(page, customer);
  const second = await addInvoice(page, customer);
  const { number } = await call(page, 'GET', `/invoices/${second}`);

  await page.goto(`${pages.url}/payments/new?customer=${customer}`);
  await page.getByLabel('Amount', { exact: true }).fill('5000');
  await page.getByLabel('Reference').fill(`Order of ${String(number)}`);
  await page.getByRole('button', { name: 'Pay it first' }).click();
  const own = page.getByLabel(`Amount for ${String(number)}`);
  assert.equal(await own.inputValue(), '5,000.00');
  await own.fill('5000.01');
  await page.getByText('More than is left of the payment.').waitFor();
  await own.fill('4000');
  await page.getByText('stays as credit').waitFor();
  await page.getByRole('button', { name: /^Record EUR.5,000.00$/u }).click();

  const left = page.getByRole('region', { name: 'Not allocated' });
  await left.getByText('1,000.00').first().waitFor();
  await page.getByRole('button', { name: /^Take back/u }).click();
  await left.getByText('5,000.00').first().waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await left.getByText('1,000.00').first().waitFor();
  await page.getByRole('button', { name: 'Refund…' }).click();
  await page.getByLabel('Reason').fill('Paid twice');
  await page.getByRole('button', { name: /^Refund EUR.1,000.00$/u }).click();
  await page.getByRole('region', { name: 'Refunds' }).getByText('Paid twice').waitFor();
}

async function accessible(t: TestContext, pages: Pages): Promise<void> {
  const setup = await pages.open(t, { role: 'accountant', path: '/' });
  const customer = await addCustomer(setup, 'Hudson & Pike Supply');
  const [draft, invoice] = [await addDraft(setup, customer), await addInvoice(setup, customer)];
  const paths = [
    '/invoices',
    `/invoices?row=${invoice}`,
    `/invoices/${invoice}`,
    `/invoices/${invoice}?tab=history`,
    `/invoices/${draft}/edit`,
    '/payments',
    `/payments/new?customer=${customer}`,
  ];
  const looks = [
    { theme: 'light', width: 1_440, height: 900 },
    { theme: 'dark', width: 360, height: 780 },
  ] as const;

  for (const look of looks) {
    const page = await pages.open(t, { role: 'accountant', path: '/', ...look });
    for (const path of paths) {
      await page.goto(pages.url + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.getByRole('status', { name: 'Loading' }).waitFor({ state: 'detached' });
      assert.deepEqual(await axe(page), [], `${path} in ${look.theme}`);
    }
  }
}

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe calls serious or critical. */
async function axe(page: Page): Promise<readonly string[]> {
  const source = await readFile(
    createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
    'utf8',
  );
  await page.evaluate(source);
  const violations = await page.evaluate<readonly Finding[]>(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`,
    );
}
