import assert from 'node:assert/strict';
import { test } from 'node:test';

import { t } from '../codecs.ts';
import { sql } from '../sql.ts';
import { findNear } from './statements-in.ts';

const bySeries = sql({}, { n: t.int4 })`select 1 as n`;
const monthly = sql({}, { n: t.int4 }, { name: 'reporting.tax_rates' })`select 2 as n`;
const files = [{ path: 'modules/a/src/a-table.ts', exports: { countOfSeries: bySeries, monthly } }];

test('a name that no statement has leads to those which share a word with it', () => {
  assert.deepEqual(findNear(files, 'taxRates'), ['reporting.tax_rates']);
  assert.deepEqual(findNear(files, 'seriesCount'), ['countOfSeries']);
  assert.deepEqual(findNear(files, 'nothingAlike'), []);
});
