import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isCommonPassword } from './common-passwords.ts';

const cases: readonly [password: string, isCommon: boolean][] = [
  ['Password123', true],
  ['steelers', true],
  ['summer2025', true],
  ['aaaaaaaaaa', true],
  ['xyxyxyxyx', true],
  ['abcdefghij', true],
  ['98765432', true],
  ['ana.lopez2024!', true],
  ['Ana Lopez', true],
  ['ana@acme.example', true],
  ['grey otter ladder', false],
  ['ab12cd34ef', false],
  ['analopez is not alone', false],
];
for (const [password, isCommon] of cases) {
  test(`«${password}» is ${isCommon ? 'refused' : 'taken'}`, () => {
    assert.equal(
      isCommonPassword(password, ['ana@acme.example', 'ana', 'Ana Lopez', 'ana.lopez']),
      isCommon,
    );
  });
}
