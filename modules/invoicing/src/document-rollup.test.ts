import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { rollupSql } from '@plinth/postgres';

import { documentRollup } from './document-rollup.ts';

const names = ['0003_rollups.sql', '0007_turnover_parts.sql'];

test('the migrations of the rollups say what their declaration makes', async () => {
  const texts = await Promise.all(
    names.map((name) => readFile(new URL(`../migrations/${name}`, import.meta.url), 'utf8')),
  );

  const whole = texts.join('\n').replaceAll('create or replace', 'create');
  for (const part of rollupSql(documentRollup).split('\n\n')) assert(whole.includes(part), part);
});
