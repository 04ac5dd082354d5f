import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { rollupSql } from '@plinth/postgres';

import { documentRollup } from './document-rollup.ts';
import { taxRollup } from './tax-rollup.ts';

const cases = [
  { rollup: documentRollup, names: ['0003_rollups.sql', '0007_turnover_parts.sql'] },
  { rollup: taxRollup, names: ['0010_tax_rollup.sql', '0011_count_lines.sql'] },
];

for (const { rollup, names } of cases) {
  test(`the migrations of ${rollup.name} say what its declaration makes`, async () => {
    const texts = await Promise.all(
      names.map((name) => readFile(new URL(`../migrations/${name}`, import.meta.url), 'utf8')),
    );

    const whole = texts.join('\n').replaceAll('create or replace', 'create');
    for (const part of rollupSql(rollup).split('\n\n')) assert(whole.includes(part), part);
  });
}
