import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Problem } from '@plinth/core';

import { checkOrigin } from './csrf.ts';
import { readHead } from './head.ts';

const origins = new Set(['https://app.example']);
type Row = readonly [headers: readonly string[], hasCookie: boolean, passes: boolean];
const table: readonly Row[] = [
  [['Sec-Fetch-Site', 'same-origin'], true, true],
  [['Sec-Fetch-Site', 'none'], true, true],
  [['Sec-Fetch-Site', 'same-site'], true, false],
  [['Sec-Fetch-Site', 'cross-site'], true, false],
  [['Sec-Fetch-Site', 'cross-site', 'Origin', 'https://app.example'], true, false],
  [['Sec-Fetch-Site', 'cross-site'], false, false],
  [['Origin', 'https://app.example'], true, true],
  [['Origin', 'https://evil.example'], true, false],
  [['Origin', 'https://app.example.evil.example'], true, false],
  [['Origin', 'null'], true, false],
  [['Origin', 'https://evil.example'], false, false],
  [[], true, false],
  [[], false, true],
];

test('an unsafe request passes only from our own pages', () => {
  for (const [headers, hasCookie, passes] of table) {
    const head = readHead(headers);
    assert(typeof head !== 'string');
    const check = () => checkOrigin('POST', head, { hasCookie, origins });

    if (passes) check();
    else assert.throws(check, (error) => error instanceof Problem && error.code === 'http.csrf');
    checkOrigin('GET', head, { hasCookie, origins });
    checkOrigin('HEAD', head, { hasCookie, origins });
  }
});
