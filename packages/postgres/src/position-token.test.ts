import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import { systemClock, type KeyRing } from '@plinth/core';

import { normalise, parseLsn } from './position.ts';
import { createPositionTokens } from './position-token.ts';

/** Signs as the product's ring does, by one key. */
function ringOf(secret: string): KeyRing {
  const macOf = (text: string) => createHmac('sha256', secret).update(text).digest('base64url');
  return {
    sign(purpose, data) {
      const text = `v1.${purpose}.${data.toString('base64url')}`;
      return `${text}.${macOf(text)}`;
    },
    verify(purpose, token) {
      const at = token.lastIndexOf('.');
      const text = token.slice(0, at);
      const isOurs = text.startsWith(`v1.${purpose}.`) && macOf(text) === token.slice(at + 1);
      return isOurs ? Buffer.from(text.split('.')[2] ?? '', 'base64url') : undefined;
    },
    seal: () => '',
    open: () => undefined,
  };
}

function tokensOf(o: { secret?: string; systemId?: string; cluster?: string } = {}) {
  const refused = { count: 0 };
  const tokens = createPositionTokens({
    keyRing: ringOf(o.secret ?? 'one'),
    clock: systemClock,
    cluster: o.cluster ?? 'main',
    systemId: () => o.systemId ?? '7',
    onRefused: () => (refused.count += 1),
    newest: async () => undefined,
  });
  return { ...tokens, refused };
}

const position = { cluster: 'main', timeline: 3, lsn: 0x16_b374_d848n };

test('a position comes back from its token as it was', () => {
  const tokens = tokensOf();

  const token = tokens.write(position) ?? '';

  assert.deepEqual(tokens.read(token), position);
  assert.equal(token.length < 120, true);
});

test('a token that was forged, is of another key, cluster or database, or is no token is ignored and counted', () => {
  const token = tokensOf().write(position) ?? '';
  const own = tokensOf();
  const forged = token.slice(0, 12) + (token[12] === 'A' ? 'B' : 'A') + token.slice(13);

  const read = [
    own.read(forged),
    own.read(`${token}x`),
    own.read('x'.repeat(10_000)),
    own.read('…'),
    own.read(tokensOf({ secret: 'two' }).write(position) ?? ''),
    own.read(tokensOf({ systemId: '8' }).write(position) ?? ''),
    own.read(tokensOf({ cluster: 'other' }).write(position) ?? ''),
  ];

  assert.deepEqual(new Set(read), new Set([undefined]));
  assert.equal(own.refused.count, read.length);
});

test('a record that ends at a page’s end leaves a position that replay reaches', () => {
  const page = 8_192n;
  const starts = [0x1_9810_00n - (0x1_9810_00n % page), 0x2_000_000n];

  const normal = starts.flatMap((start) => [
    normalise(start + 24n) === start,
    normalise(start + 40n) === start,
    normalise(start + 48n) === start + 48n,
    normalise(start) === start,
  ]);

  assert.deepEqual(new Set(normal), new Set([true]));
  assert.equal(parseLsn('16/B374D848'), 0x16_b374_d848n);
});
