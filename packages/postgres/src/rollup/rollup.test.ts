import assert from 'node:assert/strict';
import { test } from 'node:test';

import { rollup, type RollupDef } from './rollup.ts';

const fine: RollupDef = {
  name: 'shop.sum',
  source: 'shop.sale',
  columns: { currency: 'text' },
  sums: { net: 'r.price' },
  counts: { sales: 'true' },
  api: 'shop',
  groupings: { by_currency: { group: ['currency'], keep: ['net', 'sales'] } },
};

const refused: readonly { readonly name: string; readonly def: RollupDef }[] = [
  { name: 'a maximum', def: { ...fine, sums: { net: 'max(r.price)' } } },
  { name: 'a count of distinct values', def: { ...fine, counts: { sales: 'distinct r.shop' } } },
  { name: 'a name without a schema', def: { ...fine, name: 'sum' } },
  { name: 'a name that would have to be quoted', def: { ...fine, sums: { 'Net sum': 'r.price' } } },
  {
    name: 'a column that is not declared',
    def: { ...fine, groupings: { by_shop: { group: ['shop'], keep: ['net'] } } },
  },
  {
    name: 'a sum that is not declared',
    def: { ...fine, groupings: { by_currency: { group: ['currency'], keep: ['tax'] } } },
  },
];

for (const { name, def } of refused) {
  test(`rollup refuses ${name}`, () => {
    assert.throws(() => rollup(def), TypeError);
  });
}
