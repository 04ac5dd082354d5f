import { equal } from 'node:assert/strict';
import { test } from 'node:test';

import { waterfall } from './trace.ts';

const span = (spanId: string, parentId: string | undefined, startedAt: number, tookMs: number) =>
  ({
    traceId: 'a',
    spanId,
    parentId,
    name: spanId,
    startedAt,
    tookMs,
    outcome: 'ok',
    attributes: {},
  }) as const;

test('a waterfall puts each span below its parent, at its place in the whole', () => {
  const spans = [span('root', undefined, 1_000, 40), span('db one', 'root', 1_010, 10)];

  equal(
    waterfall(spans),
    `${'█'.repeat(40)}   40.0 ms  root\n${' '.repeat(10)}${'█'.repeat(10)}${' '.repeat(20)}   10.0 ms    db one\n`,
  );
});
