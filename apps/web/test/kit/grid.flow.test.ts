import { deepEqual, equal } from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { browser, eventually } from '@plinth/testing';

import { kitSite } from './kit-site.ts';

type Page = Awaited<ReturnType<typeof browser>>;

const site = kitSite();

async function openList(t: TestContext): Promise<Page> {
  const page = await browser(t, { width: 1_440, height: 900, allow: [/\/rt\b/u] });
  await page.goto(`${site.url}/kit`);
  await page.getByText('INV-2026-999999').waitFor();
  return page;
}

/** `aria-rowindex` of the rows that are wholly in view, from the top: the first row of the list is 2. */
async function rowsInView(page: Page): Promise<number[]> {
  return page.evaluate(() => {
    const box = document.querySelector('.gridbox')?.getBoundingClientRect();
    const inView = ({ top, bottom }: DOMRect) =>
      box !== undefined && top >= box.top + 30 && bottom <= box.bottom - 40;
    return [...document.querySelectorAll('.gr:not(.bones, [hidden])')]
      .filter((row) => inView(row.getBoundingClientRect()))
      .map((row) => Number(row.getAttribute('aria-rowindex')))
      .toSorted((one, other) => one - other);
  });
}

/** Where the focus is: `rowindex colindex`. */
async function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const cell = document.activeElement;
    const row = cell?.closest('[role="row"]')?.getAttribute('aria-rowindex');
    return `${row} ${cell?.closest('[aria-colindex]')?.getAttribute('aria-colindex')}`;
  });
}

async function scrollTo(page: Page, part: number): Promise<void> {
  await page.evaluate((ratio) => {
    const box = document.querySelector('.gridbox');
    if (box !== null) box.scrollTop = box.scrollHeight * ratio;
  }, part);
}

test('the wheel moves a million rows by its own pixels, the thumb reaches both ends', async (t) => {
  const page = await openList(t);
  await page.mouse.move(700, 500);

  for (let tick = 0; tick < 30; tick += 1) await page.mouse.wheel(0, 360);
  await eventually(async () => equal((await rowsInView(page))[0], 302));
  await scrollTo(page, 1);
  await eventually(async () => equal((await rowsInView(page)).at(-1), 1_000_001));
  await scrollTo(page, 0);
  await eventually(async () => equal((await rowsInView(page))[0], 2));
});

test('keys move through cells, the header and the whole list', async (t) => {
  const page = await openList(t);
  await page.locator('[role="row"] [tabindex="0"]').focus();
  const steps: readonly (readonly [key: string, place: string])[] = [
    ['ArrowDown', '3 1'],
    ['ArrowRight', '3 2'],
    ['End', '3 8'],
    ['Home', '3 1'],
    ['Control+End', '1000001 1'],
    ['Control+Home', '2 1'],
    ['ArrowUp', '1 1'],
    ['ArrowRight', '1 2'],
    ['ArrowDown', '2 2'],
  ];

  const places: string[] = [];
  for (const [key, place] of steps) {
    await page.keyboard.press(key);
    await eventually(async () => equal(await focused(page), place));
    places.push(place);
  }

  deepEqual(
    places,
    steps.map(([, place]) => place),
  );
});

test('the focus is never lost when its row is scrolled away', async (t) => {
  const page = await openList(t);
  await page.locator('[role="row"] [tabindex="0"]').focus();
  await page.keyboard.press('ArrowDown');

  await scrollTo(page, 0.7);
  await eventually(async () => equal((await rowsInView(page)).includes(3), false));

  equal(await focused(page), '3 1');
  await page.keyboard.press('ArrowDown');
  await eventually(async () => equal(await focused(page), '4 1'));
  await eventually(async () => equal((await rowsInView(page)).includes(4), true));
});

test('Space, Shift and Ctrl+A select; the bar counts', async (t) => {
  const page = await openList(t);
  await page.locator('[role="row"] [tabindex="0"]').focus();

  await page.keyboard.press('Space');
  await page.getByRole('toolbar', { name: '1 selected' }).waitFor();
  for (const key of ['ArrowDown', 'ArrowDown', 'Shift+Space']) await page.keyboard.press(key);
  await page.getByRole('toolbar', { name: '3 selected' }).waitFor();
  await page.keyboard.press('Control+a');
  await page.getByRole('toolbar', { name: '1,000,000 selected' }).waitFor();
  await page.getByRole('button', { name: 'Clear selection' }).click();

  await eventually(async () => equal(await page.locator('.gr[aria-selected="true"]').count(), 0));
});

test('a header sorts, with Shift it adds a key, and the URL holds it', async (t) => {
  const page = await openList(t);

  await page.getByRole('button', { name: 'Customer', exact: true }).click();
  await page.getByRole('button', { name: 'Total' }).click({ modifiers: ['Shift'] });
  await page.getByRole('button', { name: 'Total' }).click({ modifiers: ['Shift'] });

  equal(new URL(page.url()).searchParams.get('sort'), 'customer,-grossMinor');
  equal(await page.locator('[aria-sort="ascending"]').textContent(), 'Customer1');
  equal(await page.locator('[aria-sort="descending"]').textContent(), 'Total2');
});

test('a filter is edited in its chip; what does not fit is refused there', async (t) => {
  const page = await openList(t);
  const clause = () => new URL(page.url()).searchParams.getAll('f');

  await page.getByRole('button', { name: 'Add a filter' }).click();
  await page.getByRole('menuitem', { name: 'Total' }).click();
  const value = page.getByRole('textbox', { name: 'Value' });
  await value.fill('12a');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByText('This value does not fit.').waitFor();
  deepEqual(clause(), []);
  await value.fill('1,250.50');
  await page.getByRole('button', { name: 'Apply' }).click();

  await page.getByRole('button', { name: 'Total at least 1,250.50' }).waitFor();
  deepEqual(clause(), ['grossMinor:gte:125050']);
  await page.getByRole('button', { name: 'Remove filter Total' }).click();
  deepEqual(clause(), []);
});

test('a preview walks along with the arrows and closes by Escape', async (t) => {
  const page = await openList(t);

  const row = page.getByRole('row').filter({ hasText: 'INV-2026-999995' });
  await row.getByText('Atelier Fournier SARL').click();
  await page.getByRole('complementary', { name: 'Preview INV-2026-999995' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.getByRole('complementary', { name: 'Preview INV-2026-999994' }).waitFor();
  await page.keyboard.press('Escape');

  equal(await page.getByRole('complementary').count(), 0);
});
