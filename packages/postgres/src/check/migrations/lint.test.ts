import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { MigrationFile } from '../../migrate/files.ts';
import { before, cases, type Given } from './lint-fixture.ts';
import { excepted, lintMigrations, type LintOptions } from './lint.ts';
import { ruleNames } from './rule.ts';

/** The file stands behind one that made `shop.item` and `shop.other`, each statement in a line of its own. */
function fileOf(id: number, given: Given): MigrationFile {
  const { sql, phase = 'expand', off = false, after, batch } = given;
  const name = `shop/000${id}_file.sql`;
  return {
    module: 'shop',
    id,
    name,
    path: name,
    sql,
    checksum: '',
    phase,
    after,
    inTransaction: !off,
    batchTables: batch === undefined ? [] : [batch],
  };
}

async function lint(given: readonly (Given | string)[], options: LintOptions = {}) {
  const files = [before, ...given].map((one, index) =>
    fileOf(index + 1, typeof one === 'string' ? { sql: one } : one),
  );
  return lintMigrations(files, options);
}

for (const [rule, bad, good] of cases) {
  const sql = typeof bad === 'string' ? bad : bad.sql;
  test(`${rule} refuses: ${sql.replaceAll(/\s+/gu, ' ')}`, async () => {
    const refused = await lint([bad], { release: '1.4.0' });
    const passed = await lint(good, { release: '1.4.0' });

    assert(
      refused.some((fault) => fault.rule === rule && fault.instead !== ''),
      JSON.stringify(refused),
    );
    assert.deepEqual(passed, []);
  });
}

test('every rule has a case', () => {
  const tried = new Set(cases.map(([rule]) => rule));

  assert.deepEqual(
    ruleNames.filter((name) => !tried.has(name)),
    [],
  );
});

test('a fault names the line of the column, past other characters than ASCII', async () => {
  const sql = `-- für später\nalter table shop.item\n  add column a text,\n  add column b text not null;`;

  const faults = await lint([sql]);

  assert.deepEqual(
    faults.map(({ rule, line }) => [rule, line]),
    [['not-null-default', 4]],
  );
});

test('allow with a reason lets one statement pass, without one or without need it is a fault', async () => {
  const index = 'create index i on shop.item (word);';
  const allowed = await lint([`-- allow: index-concurrently the table has 40 rows\n${index}`]);
  const silent = await lint([`-- allow: index-concurrently\n${index}`]);
  const idle = await lint(['-- allow: index-concurrently for later\nselect 1;']);
  const second = await lint([`select 1;\n-- allow: index-concurrently small\n${index}\n${index}`]);

  assert.deepEqual(allowed, []);
  assert.deepEqual(silent.map(({ rule }) => rule).toSorted(), ['allow', 'index-concurrently']);
  assert.deepEqual(
    idle.map(({ message }) => message),
    ['nothing here needs index-concurrently allowed'],
  );
  assert.deepEqual(
    second.map(({ line }) => line),
    [4],
  );
});

test('a released file is excepted by name, and an exception that nothing needs is a fault', async () => {
  const exceptions = [{ migration: 'shop/0002_file.sql', rule: 'blocking', reason: 'released' }];

  assert.deepEqual(excepted(await lint(['truncate shop.item']), exceptions), []);
  assert.deepEqual(
    excepted(await lint(['select 1']), exceptions).map(({ rule }) => rule),
    ['allow'],
  );
});

test('a text that is no SQL is a fault with what the parser says', async () => {
  const [fault] = await lint(['create tabel shop.x ()']);

  assert.equal(fault?.rule, 'syntax');
});
