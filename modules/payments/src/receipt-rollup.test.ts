import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { rollupSql } from '@plinth/postgres';

import { receiptRollup } from './receipt-rollup.ts';

const names = ['0002_rollups.sql', '0004_sorted_rebuild.sql'];

test('the migrations of the rollups say what their declaration makes', async () => {
  const texts = await Promise.all(
    names.map((name) => readFile(new URL(`../migrations/${name}`, import.meta.url), 'utf8')),
  );

  const whole = texts.join('\n').replaceAll('create or replace', 'create');
  for (const part of rollupSql(receiptRollup).split('\n\n')) assert(whole.includes(part), part);
});
