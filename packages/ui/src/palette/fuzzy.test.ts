import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';

import { best, fit } from './fuzzy.ts';

const commands = [
  'New invoice',
  'New customer',
  'Invoices',
  'Record a payment',
  'Łódź and Zürich',
].map((label) => ({ label }));
const found = (typed: string) => best(commands, typed, 3).map(({ label }) => label);

test('typed words begin words of the text, in any order', () => {
  deepEqual(found('inv'), ['Invoices', 'New invoice']);
  deepEqual(found('cust new'), ['New customer']);
  deepEqual(found('zur'), ['Łódź and Zürich']);
  deepEqual(found('voice'), []);
});

test('initials find a command', () => {
  deepEqual(found('ni'), ['New invoice']);
  deepEqual(found('rap'), ['Record a payment']);
});

test('nothing typed finds all, up to the limit', () => {
  equal(found('').length, 3);
});

test('a whole word counts more than its beginning', () => {
  ok(fit('Command number 42', 'number 42') > fit('Command number 421', 'number 42'));
});
