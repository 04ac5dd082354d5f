import assert from 'node:assert/strict';
import { test } from 'node:test';

import { defineModule, event } from '@plinth/contract';
import { z } from '@plinth/core/z';

import { decode } from './decode.ts';
import type { MessageRow } from './delivery-table.ts';

const { renamed } = defineModule('shop', {
  operations: {},
  events: {
    renamed: event({
      schema: z.object({ id: z.string(), name: z.object({ text: z.string() }) }),
      key: 'id',
      version: 3,
      upcast: {
        1: (old) => ({ ...z.object({ id: z.string() }).parse(old), name: 'unknown' }),
        2: (old) => {
          const { id, name } = z.object({ id: z.string(), name: z.string() }).parse(old);
          return { id, name: { text: name } };
        },
      },
    }),
  },
}).events;
const events = new Map([[renamed.name, renamed]]);

const row: MessageRow = {
  sub: 1,
  part: 2,
  pos: 10n,
  src: 0,
  seq: 7n,
  at: '2026-01-15T12:00:00.000Z',
  id: '01900000-0000-7000-8000-000000000001',
  lane: 'a',
  attempt: 1,
  redriven: false,
  name: 'shop.renamed',
  version: 3,
  key: 'a',
  tenant: null,
  meta: { actor: null, reqId: 'r', correlation: 'r', causation: null },
  body: { id: 'a', name: { text: 'Ada' } },
};

test('decode brings an old body to the newest version, step by step', () => {
  const first = decode({ ...row, version: 1, body: { id: 'a' } }, events);
  const second = decode({ ...row, version: 2, body: { id: 'a', name: 'Ada' } }, events);

  assert(first.kind === 'ok' && second.kind === 'ok');
  assert.deepEqual(first.envelope.body, { id: 'a', name: { text: 'unknown' } });
  assert.deepEqual(second.envelope.body, { id: 'a', name: { text: 'Ada' } });
  assert.equal(first.envelope.version, 3);
  assert.equal(first.envelope.attempt, 2);
});

test('decode leaves a body of a newer release, and an event it does not know, for later', () => {
  assert.equal(decode({ ...row, version: 4 }, events).kind, 'newer');
  assert.equal(decode({ ...row, name: 'shop.other' }, events).kind, 'newer');
});

test('decode gives up a body that does not fit, cannot be brought up, or is gone', () => {
  assert.equal(decode({ ...row, body: { id: 7 } }, events).kind, 'bad');
  assert.equal(decode({ ...row, version: 2, body: { id: 'a' } }, events).kind, 'bad');
  assert.equal(decode({ ...row, version: 0, body: {} }, events).kind, 'bad');
  assert.equal(decode({ ...row, name: null, body: null }, events).kind, 'bad');
});
