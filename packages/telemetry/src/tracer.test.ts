import assert from 'node:assert/strict';
import { test } from 'node:test';

import { systemClock } from '@plinth/core';

import { formatTraceparent, parseTraceparent } from './traceparent.ts';
import { createTracer } from './tracer.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

const accepted = [
  [`00-${traceId}-${spanId}-01`, true],
  [`00-${traceId}-${spanId}-00`, false],
  [`00-${traceId}-${spanId}-03`, true],
  [`cc-${traceId}-${spanId}-01`, true],
  [`cc-${traceId}-${spanId}-01-what-comes-later`, true],
] as const;

const ignored = [
  undefined,
  '',
  `00-${traceId}-${spanId}`,
  `00-${traceId}-${spanId}-01-more`,
  `cc-${traceId}-${spanId}-01.more`,
  `ff-${traceId}-${spanId}-01`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId.slice(1)}-${spanId}-01`,
  `00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`,
];

for (const [header, sampled] of accepted) {
  test(`the traceparent ${header} is followed`, () => {
    assert.deepEqual(parseTraceparent(header), { traceId, spanId, sampled });
  });
}

for (const header of ignored) {
  test(`the traceparent ${header ?? 'that is absent'} is ignored`, () => {
    assert.equal(parseTraceparent(header), undefined);
  });
}

test('a traceparent is written in version 00', () => {
  const text = formatTraceparent({ traceId, spanId, sampled: true });

  assert.equal(text, `00-${traceId}-${spanId}-01`);
});

test('a span under a traceparent has its trace, and its child the same', () => {
  const tracer = createTracer(systemClock);

  const root = tracer.start('GET /v1/invoices', `00-${traceId}-${spanId}-01`);
  const child = root.child('db invoice.by-id');
  child.attribute('rows', 1);
  child.end();
  root.end('problem');

  const [first, second] = tracer.finished().toSorted((a, b) => (a.name < b.name ? -1 : 1));
  assert.deepEqual([first?.traceId, first?.parentId, first?.outcome], [traceId, spanId, 'problem']);
  assert.deepEqual(
    [second?.traceId, second?.parentId, second?.attributes],
    [traceId, root.spanId, { rows: 1 }],
  );
});

test('spans without a traceparent begin traces of their own', () => {
  const tracer = createTracer(systemClock);

  const ids = new Set(Array.from({ length: 2_000 }, () => tracer.start('one').traceId));

  assert.equal(ids.size, 2_000);
});

test('a span ends once, and takes no attribute afterwards', () => {
  const tracer = createTracer(systemClock);
  const span = tracer.start('one');

  span.end('error');
  span.attribute('late', true);
  span.end('ok');

  const [only, ...none] = tracer.finished();
  assert.deepEqual([only?.outcome, only?.attributes, none], ['error', {}, []]);
});

test('a flood of good spans leaves the failed one to be read', () => {
  const tracer = createTracer(systemClock);
  tracer.start('failed').end('error');

  for (let i = 0; i < 20_000; i += 1) tracer.start('good').end();

  const spans = tracer.finished();
  assert.equal(spans.filter(({ name }) => name === 'failed').length, 1);
  assert(spans.length <= 4_096, `${spans.length} spans are kept`);
});

test('attributes are cut at 32 and their texts at 256 characters', () => {
  const tracer = createTracer(systemClock);
  const span = tracer.start('one');

  for (let i = 0; i < 40; i += 1) span.attribute(`key${i}`, 'x'.repeat(1_000));
  span.end();

  const attributes = tracer.finished()[0]?.attributes ?? {};
  assert.equal(Object.keys(attributes).length, 32);
  assert.equal(String(attributes['key0']).length, 256);
});

test('what is told when it has ended began before', () => {
  const clock = { now: () => 10_000, mono: () => 700 };
  const tracer = createTracer(clock);
  const root = tracer.start('http.request');

  root.child('db invoice.by-id', 30).end();

  const [span] = tracer.finished();
  assert.deepEqual([span?.startedAt, span?.tookMs], [9_970, 30]);
});
