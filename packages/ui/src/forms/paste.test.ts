import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';

import { readTable } from './paste.ts';

test('readTable takes tabs, line ends of every kind and quoted cells', () => {
  deepEqual(readTable('a\tb\r\nc\t\n"d\n""e"""\tf'), [
    ['a', 'b'],
    ['c', ''],
    ['d\n"e"', 'f'],
  ]);
  deepEqual(readTable('one'), [['one']]);
  deepEqual(readTable(''), []);
});
