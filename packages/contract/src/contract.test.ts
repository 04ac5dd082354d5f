import assert from 'node:assert/strict';
import { test } from 'node:test';

import { z } from '@plinth/core/z';

import { command, defineModule, eventName, query, stream } from './contract.ts';
import { get, post } from './http-mapping.ts';

const read = { input: z.object({}), permission: 'public' } as const;
const refused: readonly (readonly [string, z.ZodType])[] = [
  ['a date', z.object({ at: z.date() })],
  ['a bigint', z.object({ n: z.bigint() })],
  ['a map', z.object({ m: z.map(z.string(), z.string()) })],
  ['a set', z.object({ s: z.set(z.string()) })],
  ['undefined', z.object({ u: z.undefined() })],
  ['any', z.object({ a: z.any() })],
  ['unknown', z.object({ a: z.unknown() })],
  ['a transform', z.object({ t: z.string().transform(Number) })],
  ['a preprocess', z.object({ p: z.preprocess(String, z.string()) })],
  ['a default', z.object({ d: z.string().default('x') })],
  ['an intersection', z.intersection(z.object({}), z.object({}))],
  ['a plain union', z.object({ u: z.union([z.string(), z.number()]) })],
  ['a refinement', z.object({ r: z.string().refine((text) => text !== '') })],
  ['a transform inside an array', z.array(z.object({ t: z.string().transform(Number) }))],
];

test('an answer is made of what survives JSON', () => {
  for (const [what, output] of refused) {
    assert.throws(
      () => defineModule('m', { operations: { ask: query({ ...read, output }) } }),
      /m\.ask output/u,
      what,
    );
  }
});

test('an input may have a default, a command’s also a refinement', () => {
  const input = z.object({ limit: z.int().default(50) });
  const refinedInput = input.refine(({ limit }) => limit !== 13);
  const output = z.object({});

  defineModule('m', { operations: { ask: query({ ...read, input, output }) } });
  defineModule('m', {
    operations: { change: command({ ...read, input: refinedInput, output }) },
  });

  assert.throws(
    () =>
      defineModule('m', { operations: { ask: query({ ...read, input: refinedInput, output }) } }),
    /only a command's input is refined/u,
  );
});

test('queries and streams are GET, commands never are', () => {
  const output = z.object({});

  assert.throws(() =>
    defineModule('m', { operations: { ask: query({ ...read, output, http: post('/a') }) } }),
  );
  assert.throws(() =>
    defineModule('m', { operations: { change: command({ ...read, output, http: get('/a') }) } }),
  );
  assert.throws(() =>
    defineModule('m', {
      operations: { all: stream({ ...read, item: output, http: post('/a') }) },
    }),
  );
});

test('an event is named after its module and its key', () => {
  assert.equal(eventName('invoicing', 'invoiceIssued'), 'invoicing.invoice-issued');
});
