import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { rollupSql } from '@plinth/postgres';

import { receiptRollup } from './receipt-rollup.ts';

test('the migration of the rollups is what their declaration makes', async () => {
  const file = new URL('../migrations/0002_rollups.sql', import.meta.url);

  const text = await readFile(file, 'utf8');

  assert(text.endsWith(`\n${rollupSql(receiptRollup)}\n`));
});
