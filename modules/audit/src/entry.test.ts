import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { followChain, hashEntry, noHash, type ChainEnd, type Entry } from './entry.ts';

const tenant = '0198c0de-0000-7000-8000-00000000000a';
const start: ChainEnd = { seq: 0, hash: noHash };

function chainOf(count: number) {
  let end = start;
  return Array.from({ length: count }, (_, index) => {
    const entry: Entry = {
      id: `0198c0de-0000-7000-8000-${String(index).padStart(12, '0')}`,
      at: '2026-01-15T12:00:00.123Z',
      seq: index + 1,
      actorKind: 'user',
      actorId: 'u',
      actorName: 'Ana',
      action: 'customers.customer-created',
      module: 'customers',
      objectId: 'o',
      reqId: 'r',
      body: `{"n":${index}}`,
    };
    const hashed = { ...entry, hash: hashEntry(tenant, end.hash, entry) };
    end = hashed;
    return hashed;
  });
}

test('a chain that nobody touched is whole', () => {
  const { end, broken } = followChain(tenant, start, chainOf(20));

  assert.deepEqual([end.seq, broken], [20, undefined]);
});

test('a chain can be followed in pieces', () => {
  const chain = chainOf(20);

  const { end } = followChain(tenant, start, chain.slice(0, 7));
  const { broken } = followChain(tenant, end, chain.slice(7));

  assert.equal(broken, undefined);
});

test('whatever field of an entry is changed, the chain breaks at that entry', () => {
  const changed: Partial<Entry>[] = [
    { id: '0198c0de-0000-7000-8000-0000000000ff' },
    { at: '2026-01-15T12:00:00.124Z' },
    { actorKind: 'key' },
    { actorId: 'v' },
    { actorName: 'Anna' },
    { action: 'customers.customer-changed' },
    { objectId: 'p' },
    { reqId: 's' },
    { body: '{"n": 3}' },
  ];
  fc.assert(
    fc.property(fc.nat(19), fc.constantFrom(...changed), (index, change) => {
      const chain = chainOf(20).map((entry, at) =>
        at === index ? { ...entry, ...change } : entry,
      );

      const { broken } = followChain(tenant, start, chain);

      assert.deepEqual(broken, { seq: index + 1, why: 'hash' });
    }),
  );
});

test('an entry that was taken out, or put elsewhere, is missed', () => {
  const chain = chainOf(5);
  const without = chain.filter(({ seq }) => seq !== 3);
  const swapped = [chain[0], chain[2], chain[1]].filter((entry) => entry !== undefined);

  assert.deepEqual(followChain(tenant, start, without).broken, { seq: 3, why: 'missing' });
  assert.deepEqual(followChain(tenant, start, swapped).broken, { seq: 2, why: 'missing' });
});

test('a chain of another tenant does not fit', () => {
  const other = '0198c0de-0000-7000-8000-00000000000b';

  assert.deepEqual(followChain(other, start, chainOf(2)).broken, { seq: 1, why: 'hash' });
});
