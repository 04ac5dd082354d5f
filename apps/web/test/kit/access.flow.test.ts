import { deepEqual, equal } from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { browser } from '@plinth/testing';

import { kitSite } from './kit-site.ts';

type Page = Awaited<ReturnType<typeof browser>>;

const site = kitSite();

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

async function findingsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found: readonly Finding[] = await page.evaluate(
    'axe.run(document, { resultTypes: ["violations"] }).then((result) => result.violations)',
  );
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

for (const theme of ['light', 'dark'] as const) {
  test(`the kit has no finding of axe in the ${theme} theme`, async (t) => {
    const page = await browser(t, { width: 1_440, height: 900, theme, allow: [/\/rt\b/u] });

    await page.goto(`${site.url}/kit?f=grossMinor:gte:25000`);
    await page.getByText('INV-2026-999999').waitFor();
    await page.getByRole('checkbox').nth(3).click();
    await page.getByRole('toolbar').waitFor();
    const list = await findingsOf(page);
    await page.goto(`${site.url}/kit/parts`);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('2 fields need you').waitFor();
    const parts = await findingsOf(page);

    deepEqual([list, parts], [[], []]);
  });
}

test('nothing but the list scrolls sideways at 320 px', async (t) => {
  const page = await browser(t, { width: 320, height: 640, allow: [/\/rt\b/u] });

  for (const path of ['/kit', '/kit/parts']) {
    await page.goto(site.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();

    equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, path);
    equal(await page.evaluate(() => document.querySelector('main')?.scrollWidth), 320, path);
  }
});
