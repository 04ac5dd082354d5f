import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

/** The rows of `docs/claims.md`: its cells, without the lines of heads and rulers. */
async function readRows(): Promise<readonly string[][]> {
  const text = await readFile('docs/claims.md', 'utf8');
  return text
    .split('\n')
    .filter((line) => /^\| [A-Z]/u.test(line))
    .map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/gu, '')));
}

function codesIn(text: string): string[] {
  return Array.from(text.matchAll(/`([^`]+)`/gu), ([, code = '']) => code);
}

const rows = await readRows();

test('every row of the claims has what it is about, where it is shown and a proof', () => {
  const ids = rows.map(([id]) => id);

  assert(ids.length > 100);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(
    rows.filter((row) => row.length !== 4),
    [],
  );
});

test('a proof is a file, a command or one of the words for none', () => {
  const words = new Set(['–', 'not yet', 'as there']);
  const bare = rows.filter(
    ([, , , proof = '']) => !words.has(proof) && codesIn(proof).length === 0,
  );

  assert.deepEqual(bare, []);
});

test('every file that the claims name is there', () => {
  const paths = rows
    .flatMap((row) => codesIn(row.join(' ')))
    .filter((code) => /^(?:apps|packages|modules|scripts|docs|topology|load|bench)\//u.test(code));

  const missing = paths.filter((path) => globSync(path).length === 0);

  assert(paths.length > 50);
  assert.deepEqual(missing, []);
});

test('every command that the claims name is there', async () => {
  const reference = await readFile('docs/reference/commands.md', 'utf8');
  const { scripts }: { scripts: object } = JSON.parse(await readFile('package.json', 'utf8'));
  const own = Array.from(reference.matchAll(/^## (plinth \w+)$/gmu), ([, name]) => `npx ${name}`);
  const known = ['npm ci', 'npm start', 'npm test', ...own];
  known.push(...Object.keys(scripts).map((name) => `npm run ${name}`));

  const missing = rows
    .flatMap((row) => codesIn(row.join(' ')))
    .filter((code) => /^(?:npm|npx) /u.test(code))
    .filter((code) => !known.some((command) => `${code} `.startsWith(`${command} `)));

  assert(own.length > 3);
  assert.deepEqual(missing, []);
});
