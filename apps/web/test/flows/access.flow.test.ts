import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test, type TestContext } from 'node:test';

import { browser, eventually } from '@plinth/testing';

import { password } from '../../../server/test/site.ts';
import { call, type Page, type Pages, startPages } from './pages.ts';

test('who comes in, and how, in the browser', async (t) => {
  const pages = await startPages(t);
  const flow = (name: string, run: (t: TestContext, pages: Pages) => Promise<void>) =>
    t.test(name, (one) => run(one, pages));

  await flow('an invitation leads to an account, and works once', invited);
  await flow('a second factor is set up, asked for, and a recovery code stands in for it', factor);
  await flow('an API key reads what it may until it is revoked', apiKey);
  await flow('what is changed of the company is in the header', company);
  await pages.stop();
});

const askedBefore = /401 \(Unauthorized\)/u;

async function invited(t: TestContext, pages: Pages): Promise<void> {
  const owner = await pages.open(t, { role: 'owner', path: '/settings/users' });
  await owner.getByRole('button', { name: 'Invite' }).click();
  await owner.getByLabel('E-mail').fill('nora@acme.example');
  await owner.getByRole('button', { name: 'Make invitation' }).click();
  const link = await owner.getByLabel('Link').inputValue();

  const guest = await newcomer(t, [askedBefore, /400 \(Bad Request\)/u]);
  await guest.goto(link);
  await guest.getByLabel('Your name').fill('Nora Lindqvist');
  await guest.getByLabel('Password').fill('password123');
  await guest.getByRole('button', { name: 'Accept invitation' }).click();
  await guest.getByText(/among the first that anybody tries/u).waitFor();
  await guest.getByLabel('Password').fill('paper trail in spring');
  await guest.keyboard.press('Enter');
  await guest.getByRole('navigation', { name: 'Main' }).waitFor();
  await guest.getByRole('button', { name: 'Nora Lindqvist, profile' }).waitFor();

  const late = await newcomer(t, [/410 \(Gone\)/u]);
  await late.goto(link);
  await late.getByLabel('Your name').fill('Somebody else');
  await late.getByLabel('Password').fill('paper trail in autumn');
  await late.keyboard.press('Enter');
  await late.getByRole('heading', { name: 'This invitation does not hold any more' }).waitFor();
}

async function factor(t: TestContext, pages: Pages): Promise<void> {
  const page = await pages.open(t, { role: 'clerk', path: '/me', allow: [askedBefore] });
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByLabel('Your password').fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('img', { name: 'QR code of the key' }).waitFor();
  const uri = await page
    .getByRole('link', { name: /^Open an authenticator/u })
    .getAttribute('href');
  const secret = new URL(uri ?? '').searchParams.get('secret') ?? '';
  await page.getByLabel('Six digits').fill(totp(secret, 0));
  await page.getByRole('button', { name: 'Turn on' }).click();
  const codes = page.getByRole('dialog').getByRole('listitem');
  await codes.first().waitFor();
  const [recovery = ''] = await codes.allTextContents();
  await page.getByRole('button', { name: 'Close' }).last().click();
  await page.getByRole('button', { name: 'Turn off' }).waitFor();

  // The code that turned it on is used up: the next one counts already.
  const second = await signInAgain(t, pages);
  await second.getByLabel('Code from your authenticator').fill(totp(secret, 1));
  await second.getByRole('navigation', { name: 'Main' }).waitFor();

  const third = await signInAgain(t, pages);
  await third.getByRole('button', { name: 'Use a recovery code instead' }).click();
  await third.getByLabel('Recovery code').fill(recovery.toLowerCase());
  await third.keyboard.press('Enter');
  await third.getByRole('navigation', { name: 'Main' }).waitFor();

  await page.getByRole('button', { name: 'Turn off' }).click();
  await page.getByLabel('Your password').fill(password);
  await page.getByRole('dialog').getByRole('button', { name: 'Turn off' }).click();
  await page.getByRole('button', { name: 'Set up' }).waitFor();
}

async function apiKey(t: TestContext, pages: Pages): Promise<void> {
  const page = await pages.open(t, { role: 'owner', path: '/settings/api' });
  await page.getByRole('heading', { name: 'No keys yet' }).waitFor();
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByLabel('Name').fill('Web shop');
  await page.getByLabel('read invoices').check();
  await page.getByRole('button', { name: 'Make key' }).click();
  const key = await page.getByLabel('Key', { exact: true }).inputValue();
  await page.getByRole('button', { name: 'Close' }).last().click();
  await page.getByText('read invoices').waitFor();
  assert.equal(await statusOf(pages, key, '/v1/invoices'), 200);
  assert.equal(await statusOf(pages, key, '/v1/customers'), 403);

  await page.getByRole('button', { name: 'Revoke Web shop' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('revoked', { exact: true }).waitFor();
  // A process knows a key for a second.
  await eventually(async () => assert.equal(await statusOf(pages, key, '/v1/invoices'), 401));
}

async function company(t: TestContext, pages: Pages): Promise<void> {
  const page = await pages.open(t, { role: 'owner', path: '/settings/company' });
  await page.getByLabel('City').fill('Lübeck');
  await page.getByLabel('Name', { exact: true }).fill('Acme Holding');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Acme Holding' }).waitFor();
  await page.getByLabel('Street').fill('Hafenstraße 1');
  await page.getByRole('button', { name: 'Save' }).click();
  await eventually(async () => {
    const { street } = await call(page, 'GET', '/company');
    assert.equal(street, 'Hafenstraße 1', 'a second save goes on from the first');
  });
  await page.reload();
  await page.getByLabel('City').waitFor();
  assert.equal(await page.getByLabel('City').inputValue(), 'Lübeck');
}

async function newcomer(t: TestContext, allow: readonly RegExp[]): Promise<Page> {
  const page = await browser(t, { allow: [askedBefore, ...allow] });
  page.setDefaultTimeout(15_000);
  return page;
}

async function signInAgain(t: TestContext, pages: Pages): Promise<Page> {
  const page = await newcomer(t, []);
  await page.goto(pages.url);
  await page.getByLabel('E-mail').fill('clerk@acme.example');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await page.getByLabel('Code from your authenticator').waitFor();
  return page;
}

async function statusOf({ url }: Pages, key: string, path: string): Promise<number> {
  const response = await fetch(url + path, { headers: { authorization: `Bearer ${key}` } });
  await response.body?.cancel();
  return response.status;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const stepMs = 30_000;

/** RFC 6238, written apart from the product's own. */
function totp(secret: string, stepsAhead: number): string {
  const bits = (secret.match(/./gu) ?? []).map((char) =>
    alphabet.indexOf(char).toString(2).padStart(5, '0'),
  );
  const bytes = bits.join('').match(/.{8}/gu) ?? [];
  const key = Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / stepMs) + stepsAhead));
  const mac = createHmac('sha1', key).update(counter).digest();
  const number = mac.readUInt32BE((mac.at(-1) ?? 0) & 0xf) & 0x7f_ff_ff_ff;
  return String(number % 1_000_000).padStart(6, '0');
}
