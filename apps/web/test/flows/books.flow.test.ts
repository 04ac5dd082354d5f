import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { type Pages, startPages } from './pages.ts';

/** Last month: what is older than a year is in no report. */
const month = monthBefore(new Date());
const rows = [
  'InvoiceNo,InvoiceDate,CustomerID,Gross',
  `A-1,${month}-01,K-77,119.00`,
  'A-2,2026-13-45,K-77,50.00',
  `A-3,${month}-02,K-78,12a`,
  `A-4,${month}-03,K-78,81.00`,
];

function monthBefore(at: Date): string {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - 1, 1)).toISOString().slice(0, 7);
}

test('customers, imports and the trail in the browser', async (t) => {
  const pages = await startPages(t);
  const flow = (name: string, run: (t: TestContext, pages: Pages) => Promise<void>) =>
    t.test(name, (one) => run(one, pages));

  await flow('the empty dashboard leads to a first customer, who is then changed', firstCustomer);
  await flow('a file is checked, its bad rows are shown, and the good ones are booked', imported);
  await flow('reports show what was imported, and give it as a file', reported);
  await flow('the trail is found whole', verified);
  await flow('a viewer is told why a page is not for them', forbidden);
  await pages.stop();
});

async function firstCustomer(t: TestContext, pages: Pages): Promise<void> {
  const page = await pages.open(t, { role: 'owner', path: '/' });
  await page.getByRole('heading', { name: 'Nothing is invoiced yet' }).waitFor();
  await page.getByRole('link', { name: 'New customer' }).click();
  await page.getByRole('heading', { level: 1, name: 'New customer' }).waitFor();

  await page.getByRole('button', { name: 'Create customer' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Name', { exact: true }).fill('Bergmann Maschinenbau AG');
  await page.getByLabel('Country').fill('DE');
  await page.getByRole('button', { name: 'Create customer' }).click();
  await page.getByRole('heading', { level: 1, name: 'Bergmann Maschinenbau AG' }).waitFor();
  await page.getByText('Nothing is open.').waitFor();

  await page.keyboard.press('e');
  await page.getByLabel('City').fill('Köln');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await page.getByText('Köln, DE').waitFor();
}

async function imported(t: TestContext, pages: Pages): Promise<void> {
  const page = await pages.open(t, { role: 'clerk', path: '/transfers/invoices' });
  await page.locator('input[type=file]').setInputFiles({
    name: 'october.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(rows.join('\n')),
  });
  await page.getByRole('heading', { name: 'october.csv' }).waitFor();
  assert.equal(await page.getByLabel('Field for Gross').inputValue(), 'total');
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByRole('row', { name: /3 InvoiceDate 2026-13-45/u }).waitFor();
  await page.getByRole('row', { name: /4 Gross 12a/u }).waitFor();
  await page.getByRole('button', { name: 'Import good rows' }).click();
  await page.getByRole('link', { name: 'To the invoices' }).click();
  await page.getByRole('row', { name: /A-1/u }).waitFor();
  await page.getByRole('row', { name: /A-4/u }).waitFor();

  await page.getByRole('link', { name: 'Dashboard', exact: true }).click();
  const figures = page.getByRole('link', { name: /Receivable/u }).filter({ hasText: '200' });
  await figures.waitFor();
}

async function reported(t: TestContext, pages: Pages): Promise<void> {
  const page = await pages.open(t, { role: 'viewer', path: '/reports/forecast' });
  await page.getByText(/No payment of an invoice is recorded yet/u).waitFor();
  await page.getByText(/of EUR.200 open/u).waitFor();

  await page.getByRole('link', { name: 'Revenue', exact: true }).click();
  await page.getByRole('link', { name: 'Tax rates' }).click();
  const sums = page.getByRole('table').filter({ hasNot: page.getByText('Documents') });
  await sums.getByRole('row', { name: /^0.% 200\.00 0\.00$/u }).waitFor();

  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Export as CSV' }).click(),
  ]);
  const [head, row, end] = await linesOf(await file.createReadStream());
  assert.equal(head, 'month,currency,taxPpm,documents,netMinor,taxMinor');
  assert.equal(row, `${month}-01,EUR,0,2,20000,0`);
  assert.equal(end, '');
}

async function linesOf(file: AsyncIterable<Buffer>): Promise<string[]> {
  return Buffer.concat(await Array.fromAsync(file))
    .toString()
    .split('\r\n');
}

async function verified(t: TestContext, pages: Pages): Promise<void> {
  const page = await pages.open(t, { role: 'owner', path: '/activity' });
  await page
    .getByRole('row', { name: /Customer created/u })
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Verify chain' }).click();
  await page.getByText(/The chain is whole: \d+ entries/u).waitFor();
}

async function forbidden(t: TestContext, pages: Pages): Promise<void> {
  const page = await pages.open(t, { role: 'viewer', path: '/customers/new' });
  await page.getByText('customers.write').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Create customer' }).count(), 0);
}
