import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { eventually } from '@plinth/testing';

import {
  addCustomer,
  addDraft,
  addInvoice,
  call,
  type Page,
  type Pages,
  startPages,
} from './pages.ts';

const issuedNumber = /^INV-\d{4}-\d{6}$/u;

test('invoices in the browser', async (t) => {
  const pages = await startPages(t);
  const flow = (name: string, run: (t: TestContext, pages: Pages) => Promise<void>) =>
    t.test(name, (one) => run(one, pages));

  await flow('a draft is issued, paid and settled, and a second person sees it live', settled);
  await flow('the keyboard alone drafts and issues an invoice', byKeyboard);
  await flow(
    'two people change one draft: what differs is joined, what is the same is asked',
    joined,
  );
  await flow('a lost connection keeps what is typed, and saves it when it is back', offline);
  await flow('a deleted draft comes back by undo', undone);
  await flow('an unpaid invoice is voided, a line of another one is credited', corrected);
  await flow('many drafts are issued from the list, with the filter as their selection', inBulk);
  await pages.stop();
});

async function settled(t: TestContext, pages: Pages): Promise<void> {
  const page = await pages.open(t, { role: 'accountant', path: '/' });
  const other = await pages.open(t, { role: 'owner', path: '/invoices' });
  await addCustomer(page, 'Bergmann Maschinenbau AG');
  await other.getByText('No invoice yet').waitFor();
  await other.getByText('Live', { exact: true }).waitFor();

  await page.goto(`${pages.url}/invoices/new`);
  await page.getByLabel('Customer', { exact: true }).pressSequentially('Berg');
  await page.getByRole('option', { name: /Bergmann/u }).waitFor();
  await page.keyboard.press('Enter');
  await typeLine(page, ['Linear guide', '12', '480.00', '19']);
  await page.getByText(/^saved \d/u).waitFor();
  const draft = other.getByRole('row', { name: /Bergmann/u });
  await draft.getByText('6,854.40').first().waitFor();

  await page.getByRole('button', { name: 'Issue…' }).click();
  await page.getByText(/^INV-\d{4}-000001, assigned when issued$/u).waitFor();
  await page.getByRole('button', { name: /^Issue EUR.6,854.40$/u }).click();
  await page.getByRole('heading', { level: 1, name: issuedNumber }).waitFor();
  await other.getByRole('row', { name: /INV-\d{4}-000001.*Issued/u }).waitFor();

  await page.getByRole('link', { name: 'Record payment' }).click();
  await page.getByRole('button', { name: /^Record EUR.6,854.40$/u }).click();
  await page.getByRole('heading', { level: 1, name: 'PAY-000001' }).waitFor();
  await other.getByRole('row', { name: /INV-\d{4}-000001.*Settled/u }).waitFor();

  await page.getByRole('link', { name: issuedNumber }).click();
  await page.getByRole('link', { name: 'History' }).click();
  const history = page.getByRole('region', { name: 'History' });
  const entries = history.getByRole('listitem');
  await entries.filter({ hasText: /^Settled/u }).waitFor();
  await entries.filter({ hasText: /^Issuedaccountant/u }).waitFor();
}

async function byKeyboard(t: TestContext, pages: Pages): Promise<void> {
  const page = await pages.open(t, { role: 'accountant', path: '/invoices' });
  const { keyboard } = page;
  const typeAndGo = async (text: string) => {
    await keyboard.type(text);
    await keyboard.press('Tab');
  };
  await page.getByRole('grid').waitFor();

  await keyboard.press('n');
  await page.getByRole('heading', { level: 1, name: 'New invoice' }).waitFor();
  // The focus goes to the heading once the page is drawn: who tabs before is taken back to it.
  await page.getByLabel('Customer', { exact: true }).waitFor();
  await page.locator('main h1:focus').waitFor();
  await tabTo(page, 'Customer');
  await keyboard.type('Berg');
  await page.getByRole('option', { name: /Bergmann/u }).waitFor();
  await keyboard.press('Enter');
  await tabTo(page, 'Item or description, line 1');
  for (const text of ['Ball screw', '4', 'pcs', '780.00']) await typeAndGo(text);
  await keyboard.type('19');
  await keyboard.press('Enter');
  await eventually(async () => (await focused(page)) === 'Item or description, line 2');
  for (const text of ['Calibration', '8', 'h', '140.00']) await typeAndGo(text);
  await keyboard.press('Alt+ArrowUp');
  await eventually(async () => (await focused(page)) === 'Tax %, line 1');
  await keyboard.press('Control+z');
  await keyboard.press('Control+Enter');
  await page.getByRole('dialog', { name: 'Issue this draft?' }).waitFor();
  await tabTo(page, /^Issue EUR/u);
  await keyboard.press('Enter');

  await page.getByRole('heading', { level: 1, name: issuedNumber }).waitFor();
  const rows = page.getByRole('article').getByRole('row');
  await rows.nth(1).getByText('Ball screw').waitFor();
  await rows.nth(2).getByText('1,120.00').waitFor();
}

async function joined(t: TestContext, pages: Pages): Promise<void> {
  const allow = [/412 \(Precondition Failed\)/u];
  const mine = await pages.open(t, { role: 'clerk', path: '/', allow });
  const id = await addDraft(mine, await addCustomer(mine, 'Lindqvist Bygg AB'));
  const theirs = await pages.open(t, { role: 'accountant', path: `/invoices/${id}/edit`, allow });
  await mine.goto(`${pages.url}/invoices/${id}/edit`);
  await mine.getByText('Live', { exact: true }).waitFor();

  await theirs.getByLabel('On the document').fill('Thank you.');
  await mine.getByText('Somebody else changed On the document: it is taken over.').waitFor();
  assert.equal(await mine.getByLabel('On the document').inputValue(), 'Thank you.');

  await Promise.all([
    mine.getByLabel('Reference').fill('mine'),
    theirs.getByLabel('Reference').fill('theirs'),
  ]);
  const [loser] = await Promise.race(
    [mine, theirs].map(async (page) => {
      await page.getByRole('dialog', { name: 'Somebody changed it meanwhile' }).waitFor();
      return [page];
    }),
  );
  assert.ok(loser !== undefined);
  const text = loser === mine ? 'mine' : 'theirs';
  await loser.getByRole('button', { name: 'Save my choice' }).click();
  await eventually(async () => {
    const { reference } = await call(mine, 'GET', `/invoices/${id}`);
    assert.equal(reference, text);
  });
}

async function offline(t: TestContext, pages: Pages): Promise<void> {
  const allow = [/Failed to load resource/u, /ERR_INTERNET_DISCONNECTED/u, /ERR_FAILED/u];
  const page = await pages.open(t, { role: 'clerk', path: '/', allow });
  const id = await addDraft(page, await addCustomer(page, 'Moravia Textil a.s.'));
  await page.goto(`${pages.url}/invoices/${id}/edit`);
  await page.getByLabel('Reference').waitFor();

  await page.context().setOffline(true);
  await page.getByLabel('Reference').fill('PO 4500');
  await page.getByText(/^Not saved: /u).waitFor();
  await page.context().setOffline(false);

  await page.getByText(/^saved \d/u).waitFor();
  const { reference } = await call(page, 'GET', `/invoices/${id}`);
  assert.equal(reference, 'PO 4500');
}

async function undone(t: TestContext, pages: Pages): Promise<void> {
  // The live message may come before the answer: then the page asks for what is gone.
  const allow = [/404 \(Not Found\)/u];
  const page = await pages.open(t, { role: 'clerk', path: '/', allow });
  const id = await addDraft(page, await addCustomer(page, 'Fjord Seafood AS'));
  await page.goto(`${pages.url}/invoices/${id}`);

  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Delete draft' }).click();
  await page.getByText('The draft is deleted.').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();

  await page.getByText('The draft is back.').waitFor();
  await page.getByRole('heading', { level: 1, name: 'Draft' }).waitFor();
  await page.getByText('11,900.00').first().waitFor();
}

async function corrected(t: TestContext, pages: Pages): Promise<void> {
  const page = await pages.open(t, { role: 'accountant', path: '/' });
  const customer = await addCustomer(page, 'Petit Marché Lyonnais');
  const [toVoid, toCredit] = [await addInvoice(page, customer), await addInvoice(page, customer)];

  await page.goto(`${pages.url}/invoices/${toVoid}`);
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Void…' }).click();
  await page.getByLabel('Reason').fill('Sent twice');
  await page.getByRole('button', { name: /^Void INV-/u }).click();
  await page.getByText('Voided').first().waitFor();

  await page.goto(`${pages.url}/invoices/${toCredit}`);
  await page.getByRole('button', { name: 'Credit…' }).click();
  await page.getByLabel('By line').check();
  await page.getByLabel('Credit line 1').check();
  await page.getByLabel('Quantity to credit').fill('5');
  await page.getByLabel('Reason').fill('Five came back');
  await page.getByRole('button', { name: /^Credit EUR.2,975.00$/u }).click();
  await page.getByText(/^CN-\d{4}-\d{6} credits EUR.2,975.00\.$/u).waitFor();
  await page.getByRole('region', { name: 'Open amount' }).getByText('8,925.00').waitFor();
}

async function inBulk(t: TestContext, pages: Pages): Promise<void> {
  const page = await pages.open(t, { role: 'accountant', path: '/' });
  const customer = await addCustomer(page, 'Østerbro Cykler ApS');
  for (const reference of ['one', 'two', 'three']) await addDraft(page, customer, reference);
  await page.goto(`${pages.url}/invoices?f=status:in:draft&f=customerId:in:${customer}`);
  await page.getByText('3 match').waitFor();

  await page.getByLabel('Select all 3 matching').check();
  await page.getByRole('button', { name: 'Issue', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Issue', exact: true }).click();

  await page.getByText(/^Started for 3 documents/u).waitFor();
  await eventually(
    async () => {
      const asked = `/invoices?f=customerId:in:${customer}&f=status:in:issued`;
      const { items } = await call(page, 'GET', asked);
      assert.ok(Array.isArray(items));
      assert.equal(items.length, 3);
    },
    { withinMs: 20_000 },
  );
}

async function typeLine(page: Page, texts: readonly [string, string, string, string]) {
  const columns = ['Item or description', 'Qty', 'Unit price', 'Tax %'];
  for (const [at, column] of columns.entries()) {
    await page.getByLabel(`${column}, line 1`, { exact: true }).fill(texts[at] ?? '');
  }
}

/** The name of what has the focus. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { activeElement: element } = document;
    const { id = '' } = element ?? {};
    const label = id === '' ? null : document.querySelector(`label[for="${id}"]`);
    return (
      element?.getAttribute('aria-label') ??
      label?.textContent ??
      element?.textContent ??
      ''
    ).trim();
  });
}

const stepsMax = 60;

async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  for (let step = 0; step < stepsMax; step += 1) {
    const at = await focused(page);
    if (typeof name === 'string' ? at === name : name.test(at)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`${String(name)} was not reached by Tab`);
}
