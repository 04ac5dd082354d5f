import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import { browser } from '@plinth/testing';

import { createSite, password, type Role } from '../../../server/test/site.ts';

/** A page of a person who is signed in. */
export type Page = Awaited<ReturnType<typeof browser>>;

export interface Pages {
  readonly url: string;
  /** At the end of the test: with the database, which a killed process would leave behind. */
  stop(): Promise<void>;
  /** A browser of its own, signed in, at this address. */
  open(t: TestContext, visit: Visit): Promise<Page>;
}

export interface Visit {
  readonly role: Role;
  readonly path: string;
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
  /** Failures that the test provokes on purpose. */
  readonly allow?: readonly RegExp[];
}

/** Nobody is signed in yet when the page asks who is. */
const askedBefore = /401 \(Unauthorized\) \(\S+\/v1\//u;

/** The product with its pages and one company, `acme`. */
export async function startPages(t: TestContext): Promise<Pages> {
  const site = await createSite(t, { withInterface: true });
  const server = await site.start();
  await site.provision('acme');
  return {
    url: site.url,
    async stop() {
      server.kill('SIGTERM');
      await server.exit;
    },
    async open(test, { role, path, allow = [], ...look }) {
      const page = await browser(test, { ...look, allow: [askedBefore, ...allow] });
      page.setDefaultTimeout(15_000);
      await page.goto(site.url + path);
      await page.getByLabel('E-mail').fill(`${role}@acme.example`);
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.keyboard.press('Enter');
      await page.getByRole('navigation', { name: 'Main' }).waitFor();
      return page;
    },
  };
}

interface Body {
  /** Sent as If-Match. */
  readonly version?: string;
  readonly [field: string]: unknown;
}

/** Calls the API as the person whose page it is. */
export async function call(
  page: Page,
  method: 'GET' | 'POST',
  path: string,
  { version, ...body }: Body = {},
): Promise<Readonly<Record<string, unknown>>> {
  const { status, answer } = await page.evaluate(
    async (asked) => {
      const headers = {
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
        ...(asked.version === undefined ? {} : { 'if-match': `"${asked.version}"` }),
      };
      const init =
        asked.method === 'GET' ? {} : { method: asked.method, headers, body: asked.body };
      const response = await fetch(`/v1${asked.path}`, init);
      const text = await response.text();
      return { status: response.status, answer: text };
    },
    { method, path, body: JSON.stringify(body), version },
  );
  assert.ok(status < 300, `${method} ${path} answered ${status}: ${answer}`);
  const parsed: unknown = JSON.parse(answer);
  assert.ok(typeof parsed === 'object' && parsed !== null, 'the API answers with objects');
  return { ...parsed };
}

/** A customer to write invoices to. */
export async function addCustomer(page: Page, name: string): Promise<string> {
  const { id } = await call(page, 'POST', '/customers', {
    name,
    country: 'DE',
    currency: 'EUR',
    termDays: 30,
  });
  return String(id);
}

/** A draft over 11,900.00 EUR. */
export async function addDraft(
  page: Page,
  customerId: string,
  reference?: string,
): Promise<string> {
  const { id } = await call(page, 'POST', '/invoices', {
    customerId,
    ...(reference === undefined ? {} : { reference }),
    lines: [
      { description: 'Linear guide', quantity: '20', unitPriceMinor: 50_000, taxPpm: 190_000 },
    ],
  });
  return String(id);
}

/** An invoice that is issued today. */
export async function addInvoice(page: Page, customerId: string): Promise<string> {
  const id = await addDraft(page, customerId);
  const { version } = await call(page, 'GET', `/invoices/${id}`);
  await call(page, 'POST', `/invoices/${id}/issue`, { version: String(version) });
  return id;
}
