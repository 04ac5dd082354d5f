import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eligible, sessionAttributes, type HostState } from './attributes.ts';

const states = [
  'primary-rw',
  'primary-ro',
  'standby',
  'offline',
  'unknown',
  'foreign',
  'fenced',
] as const satisfies readonly HostState[];
type Row = readonly [HostState, HostState, string];

/** Two hosts and who of them serves, for each attribute in order. */
const table: readonly Row[] = [
  [
    'primary-rw',
    'standby',
    'any:01 primary:0 read-write:0 standby:1 read-only:1 prefer-primary:0 prefer-standby:1',
  ],
  [
    'primary-ro',
    'standby',
    'any:01 primary:0 read-write:- standby:1 read-only:01 prefer-primary:0 prefer-standby:1',
  ],
  [
    'primary-rw',
    'primary-ro',
    'any:01 primary:01 read-write:0 standby:- read-only:1 prefer-primary:01 prefer-standby:01',
  ],
  [
    'standby',
    'standby',
    'any:01 primary:- read-write:- standby:01 read-only:01 prefer-primary:01 prefer-standby:01',
  ],
  [
    'offline',
    'standby',
    'any:1 primary:- read-write:- standby:1 read-only:1 prefer-primary:1 prefer-standby:1',
  ],
  [
    'primary-rw',
    'offline',
    'any:0 primary:0 read-write:0 standby:- read-only:- prefer-primary:0 prefer-standby:0',
  ],
  [
    'unknown',
    'offline',
    'any:0 primary:- read-write:- standby:- read-only:- prefer-primary:0 prefer-standby:0',
  ],
  [
    'foreign',
    'fenced',
    'any:- primary:- read-write:- standby:- read-only:- prefer-primary:- prefer-standby:-',
  ],
];

for (const [first, second, expected] of table) {
  test(`of hosts ${first} and ${second} each attribute takes its own`, () => {
    const hosts = [first, second].map((state, at) => ({ state, at }));

    const found = sessionAttributes.map((attributes) => {
      const served = eligible(attributes, hosts).map(({ at }) => at);
      return `${attributes}:${served.join('') || '-'}`;
    });

    assert.equal(found.join(' '), expected);
  });
}

test('no attribute takes a host that is offline, of another cluster or fenced', () => {
  const out = states.filter((state) =>
    sessionAttributes.every((attributes) => eligible(attributes, [{ state }]).length === 0),
  );

  assert.deepEqual(out, ['offline', 'foreign', 'fenced']);
});
