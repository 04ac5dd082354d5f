import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';

import { browser } from './browser.ts';

async function serve(t: TestContext, html: string): Promise<string> {
  const server = createServer((request, response) => {
    const isPage = request.url === '/';
    response.writeHead(isPage ? 200 : 204, { 'content-type': 'text/html' });
    response.end(isPage ? html : undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server on a port has this form of address
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test('browser opens a page as the test wants it', async (t) => {
  const page = await browser(t, { width: 400, height: 300, theme: 'dark' });

  await page.goto(await serve(t, '<!doctype html><title>here</title>'));

  assert.equal(await page.title(), 'here');
  assert.equal(await page.evaluate('innerWidth'), 400);
  assert.equal(await page.evaluate(`matchMedia('(prefers-color-scheme: dark)').matches`), true);
});
