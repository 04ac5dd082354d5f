import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Span } from '../answers.ts';
import { waterfall } from './waterfall.ts';

const span = (spanId: string, startedAt: number, tookMs: number, parentId?: string): Span => ({
  traceId: 'a',
  spanId,
  ...(parentId === undefined ? {} : { parentId }),
  name: spanId,
  startedAt,
  tookMs,
  outcome: 'ok',
  attributes: {},
  instance: 'all.0',
});

test('the waterfall puts each span below its parent, and counts what two children cover once', () => {
  const spans = [
    span('commit', 160, 30, 'root'),
    span('root', 100, 100),
    span('read', 110, 40, 'root'),
    span('count', 120, 40, 'root'),
    span('far', 150, 10, 'elsewhere'),
  ];

  const falls = waterfall(spans);

  assert.deepEqual(
    falls.map((one) => [one.span.spanId, one.depth, one.from, one.length, one.ownMs]),
    [
      ['root', 0, 0, 1, 20],
      ['read', 1, 0.1, 0.4, 40],
      ['count', 1, 0.2, 0.4, 40],
      ['commit', 1, 0.6, 0.3, 30],
      ['far', 0, 0.5, 0.1, 10],
    ],
  );
});
