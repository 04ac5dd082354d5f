import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { decodeFrame, encodeFrame } from './frame.ts';

const whole = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const frame = fc.record(
  {
    codec: fc.integer({ min: 0, max: 255 }),
    isNull: fc.boolean(),
    isPacked: fc.boolean(),
    epoch: whole,
    seq: whole,
    writtenAt: fc.double({ noNaN: true, noDefaultInfinity: true }),
    ttlMs: fc.nat(),
    failSafeMs: fc.nat(),
    factoryUs: fc.nat(),
    etag: fc.stringMatching(/^[0-9a-f]{24}$/u),
    tags: fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), { maxLength: 32 }),
    data: fc.option(
      fc.record(
        { source: fc.string({ unit: 'grapheme', minLength: 1 }), timeline: whole, at: whole },
        { noNullPrototype: true },
      ),
      { nil: undefined },
    ),
    payload: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  },
  { noNullPrototype: true },
);

test('a frame is read as it was written', () => {
  fc.assert(
    fc.property(frame, (one) => {
      const read = decodeFrame(encodeFrame(one));

      assert.deepEqual(read, one);
    }),
  );
});

test('a frame that was cut, or changed anywhere, is none', () => {
  fc.assert(
    fc.property(frame, fc.nat(), fc.integer({ min: 1, max: 255 }), (one, where, by) => {
      const bytes = encodeFrame(one);
      const changed = Buffer.from(bytes);
      const at = where % bytes.length;
      changed[at] = (changed[at] ?? 0) ^ by;

      assert.equal(decodeFrame(bytes.subarray(0, where % bytes.length)), undefined);
      assert.equal(decodeFrame(changed), undefined);
    }),
  );
});

test('bytes of anybody else are no frame', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.equal(decodeFrame(bytes), undefined)));
});
