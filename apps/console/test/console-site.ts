import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { browser, startProcess, type Proc } from '@plinth/testing';

import { createSite, root, type Site } from '../../server/test/site.ts';

export type Page = Awaited<ReturnType<typeof browser>>;
type Look = Parameters<typeof browser>[1];

export interface ConsoleSite {
  readonly site: Site;
  readonly product: Proc;
  readonly console: Proc;
  readonly url: string;
  /** A link that works once. */
  newLink(): Promise<string>;
  /** A browser of its own that came in by a link, at this address. */
  open(t: TestContext, path: string, look?: Look): Promise<Page>;
}

const linkLine = /Console: (http:\/\/127\.0\.0\.1:\d+)\/enter\?key=[\w-]+/u;

/** The product, and beside it the console as `plinth console` starts it. */
export async function startConsole(t: TestContext): Promise<ConsoleSite> {
  const site = await createSite(t);
  const product = await site.start();
  const env = { ...site.environment, CONSOLE_LISTEN: '127.0.0.1:0' };
  const argv = [process.execPath, 'packages/cli/bin/plinth.js', 'console'];
  const own = await startProcess(t, argv, { cwd: root, env, ready: linkLine, withinMs: 60_000 });
  const [, url = ''] = linkLine.exec(own.output()) ?? [];
  const newLink = async () => {
    const second = await startProcess(t, argv, { cwd: root, env });
    assert.equal(await second.exit, 0);
    return (linkLine.exec(second.output()) ?? [''])[0].replace('Console: ', '');
  };
  return {
    site,
    product,
    console: own,
    url,
    newLink,
    async open(test, path, look = {}) {
      const page = await browser(test, look);
      page.setDefaultTimeout(30_000);
      await page.goto(await linkByKey(site.folder, url));
      await page.getByRole('navigation', { name: 'Main' }).waitFor();
      await page.goto(url + path);
      return page;
    },
  };
}

/** What the command does where a console runs already, without the time that a process takes. */
async function linkByKey(folder: string, url: string): Promise<string> {
  const own: unknown = JSON.parse(await readFile(join(folder, 'console.json'), 'utf8'));
  assert(typeof own === 'object' && own !== null && 'key' in own);
  const headers = { authorization: `Bearer ${String(own.key)}` };
  const answer: unknown = await (await fetch(`${url}/links`, { method: 'POST', headers })).json();
  assert(typeof answer === 'object' && answer !== null && 'key' in answer);
  return `${url}/enter?key=${String(answer.key)}`;
}
