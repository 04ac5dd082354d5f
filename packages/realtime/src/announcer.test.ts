import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAnnouncer, type Change } from './announcer.ts';
import type { Invalidation } from './channel.ts';

function listen() {
  const heard: [string, Invalidation][] = [];
  const channel = {
    publish: async (params: Readonly<Record<string, string>>, message: Invalidation) =>
      void heard.push([params['tenant'] ?? '', message]),
    presence: async () => [],
  };
  return { channel, heard };
}

const change = (tenant: string | null, name: string, key: string | null): Change => ({
  tenant,
  name,
  key,
});

test('an announcer tells each tenant once of each topic, with its ids', async () => {
  const { channel, heard } = listen();

  await createAnnouncer(channel)([
    change('acme', 'x.paid', 'i1'),
    change('beta', 'x.paid', 'i9'),
    change('acme', 'x.paid', 'i2'),
    change('acme', 'x.paid', 'i1'),
    change('acme', 'x.sent', null),
    change(null, 'x.paid', 'i3'),
  ]);

  assert.deepEqual(heard, [
    ['acme', { topic: 'x.paid', ids: ['i1', 'i2'] }],
    ['beta', { topic: 'x.paid', ids: ['i9'] }],
    ['acme', { topic: 'x.sent', ids: [] }],
  ]);
});

function many(count: number): Change[] {
  return Array.from({ length: count }, (_, index) => change('acme', 'x.paid', `i${index}`));
}

test('more than 200 ids are told as the whole topic', async () => {
  const { channel, heard } = listen();
  const announce = createAnnouncer(channel);

  await announce(many(200));
  await announce(many(201));

  assert.deepEqual(
    heard.map(([, { ids }]) => ids?.length),
    [200, undefined],
  );
});

test('an announcer names what its caller names', async () => {
  const { channel, heard } = listen();

  await createAnnouncer(channel, ({ name }) => name)([change('acme', 'x.paid', 'i1')]);

  assert.deepEqual(heard, [['acme', { topic: 'x.paid', ids: ['x.paid'] }]]);
});
