import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { eventually } from '@plinth/testing';

import { Browser } from './browser-fixture.ts';
import { connectIn, type ConnectOptions } from './client/client.ts';
import type { SourceEvents } from './client/environment.ts';
import { liveQueries, type Change } from './client/live-queries.ts';
import { changesChannel, notesChannel, startServer } from './server-fixture.ts';

const acme = { tenant: 'acme' };
interface Note {
  readonly n: number;
}

async function start(t: TestContext) {
  const server = await startServer();
  t.after(() => server.stop());
  return server;
}

function connect(t: TestContext, options: Omit<ConnectOptions, 'onState'>) {
  const states: string[] = [];
  const onState: ConnectOptions['onState'] = (state, why) =>
    void states.push(why === undefined ? state : `${state} ${why}`);
  const client = connectIn({ ...options, onState });
  t.after(() => client.close());
  const numbers: number[] = [];
  const resets: string[] = [];
  client.subscribe<Note>(notesChannel, acme, {
    message: ({ n }) => void numbers.push(n),
    reset: () => void resets.push('reset'),
  });
  return { client, states, numbers, resets };
}

test('a client that loses its connection comes back and misses nothing', async (t) => {
  const { url, notes } = await start(t);
  const tab = new Browser(10).tab();
  const { client, states, numbers } = connect(t, { url, environment: tab, shared: false });
  await eventually(() => assert.equal(client.state, 'open'));

  await notes.publish(acme, { n: 1 });
  await eventually(() => assert.deepEqual(numbers, [1]));
  tab.cut();
  await eventually(() => assert.notEqual(client.state, 'open'));
  await notes.publish(acme, { n: 2 });
  await eventually(() => assert.deepEqual(numbers, [1, 2]));
  await notes.publish(acme, { n: 3 });
  await eventually(() => assert.deepEqual(numbers, [1, 2, 3]));

  assert.deepEqual(states, ['connecting', 'open', 'waiting lost', 'connecting', 'open']);
});

test('a client that comes back to another life of the server is told to ask again', async (t) => {
  const first = await startServer();
  const tab = new Browser(10).tab();
  let { url } = first;
  const { open } = tab;
  const moving = Object.assign(tab, {
    open: (address: string, events: SourceEvents) => open(address.replace(first.url, url), events),
  });
  const { client, resets } = connect(t, { url: first.url, environment: moving, shared: false });
  await eventually(() => assert.equal(client.state, 'open'));
  const second = await start(t);

  url = second.url;
  first.stop();

  await eventually(() => assert.deepEqual(resets, ['reset']));
});

test('a client whose session was revoked tries again, since its rights may be new', async (t) => {
  const { url, realtime } = await start(t);
  const tab = new Browser(10).tab();
  const { client, states } = connect(t, { url, environment: tab, shared: false });
  await eventually(() => assert.equal(client.state, 'open'));

  realtime.revoke({ user: 'ada' });
  await eventually(() => assert.equal(states.filter((state) => state === 'open').length, 2));

  assert(states.includes('waiting 4004'));
});

test('a client that is told not to come back stays away', async (t) => {
  const sources: SourceEvents[] = [];
  const environment = Object.assign(new Browser(10).tab(), {
    open(_: string, events: SourceEvents) {
      sources.push(events);
      return { close: () => undefined };
    },
  });
  const { client } = connect(t, { url: '/rt', environment, shared: false });

  await eventually(() => assert.equal(sources.length, 1));
  sources[0]?.event('bye', '{"code":4003,"retryMs":0}', '');
  sources[0]?.failed();

  assert.equal(client.state, 'closed');
  assert.equal(sources.length, 1);
});

test('a client changes its channels on the open connection', async (t) => {
  const { url, users } = await start(t);
  const tab = new Browser().tab();
  const { client } = connect(t, { url, environment: tab, shared: false });
  await eventually(() => assert.equal(client.state, 'open'));
  const numbers: number[] = [];

  const end = client.subscribe<Note>(
    { pattern: 'u/{user}' },
    { user: 'ada' },
    { message: ({ n }) => void numbers.push(n) },
  );
  await eventually(async () => {
    await users.publish({ user: 'ada' }, { n: 1 });
    assert(numbers.length > 0);
  });
  end();
  await eventually(async () => assert.deepEqual(await users.presence({ user: 'ada' }), []));

  assert.equal(tab.openedCount, 1);
});

test('a client learns which channel it may not hear', async (t) => {
  const { url } = await start(t);
  const tab = new Browser().tab();
  const { client } = connect(t, { url, environment: tab, shared: false });
  const problems: unknown[] = [];

  client.subscribe(
    { pattern: 'u/{user}' },
    { user: 'bob' },
    { message: () => undefined, error: (problem) => void problems.push(problem) },
  );
  await eventually(() => assert.equal(problems.length, 1));

  assert.partialDeepStrictEqual(problems[0], { code: 'realtime.forbidden', status: 403 });
});

test('tabs share one connection, and the next takes over behind the last message', async (t) => {
  const { url, notes, realtime } = await start(t);
  const browser = new Browser(10);
  const tabs = [browser.tab(), browser.tab(), browser.tab()];
  const clients = tabs.map((environment) => connect(t, { url, environment }));
  const [first, ...others] = clients;
  await eventually(() => assert(clients.every(({ client }) => client.state === 'open')));
  await notes.publish(acme, { n: 1 });
  await eventually(() => assert(clients.every(({ numbers }) => numbers.length === 1)));
  assert.equal(realtime.stats().connections, 1);

  first?.client.close();
  await eventually(() => assert.equal(realtime.stats().connections, 0), { withinMs: 200 }).catch(
    () => undefined,
  );
  await notes.publish(acme, { n: 2 });
  await eventually(() => assert(others.every(({ numbers }) => numbers.length === 2)));

  assert.deepEqual(
    others.map(({ numbers }) => numbers),
    [
      [1, 2],
      [1, 2],
    ],
  );
  assert.equal(realtime.stats().connections, 1);
  assert.deepEqual(
    tabs.map((tab) => tab.openedCount),
    [1, 1, 0],
  );
});

test('live queries make what changed stale, once for many changes', async (t) => {
  const { url, realtime } = await start(t);
  const changes = realtime.channel(changesChannel);
  const tab = new Browser().tab();
  const client = connectIn({ url, environment: tab });
  t.after(() => client.close());
  const stale: { queryKey?: readonly unknown[]; refetchType?: string }[] = [];
  const asked: Change[] = [];
  const stop = liveQueries(
    client,
    { invalidateQueries: (filter) => void stale.push(filter) },
    {
      channels: [{ channel: changesChannel, params: acme }],
      map(change) {
        asked.push(change);
        return [['notes'], ...(change.ids ?? []).map((id) => ['note', id])];
      },
    },
  );
  t.after(stop);
  await eventually(() => assert.equal(client.state, 'open'));

  await changes.publish(acme, { topic: 'note.changed', ids: ['a'] });
  await changes.publish(acme, { topic: 'note.changed', ids: ['b', 'a'] });
  await eventually(() => assert.equal(asked.length, 1));
  const first = stale.splice(0);
  tab.hide();
  const many = Array.from({ length: 201 }, (_, n) => `n${n}`);
  await changes.publish(acme, { topic: 'note.changed', ids: many });
  await eventually(() => assert.equal(asked.length, 2));
  const hidden = stale.splice(0);
  tab.show();

  assert.deepEqual(first, [
    { queryKey: ['notes'], refetchType: 'active' },
    { queryKey: ['note', 'a'], refetchType: 'active' },
    { queryKey: ['note', 'b'], refetchType: 'active' },
  ]);
  assert.deepEqual(asked[1], { topic: 'note.changed' });
  assert.deepEqual(hidden, [{ queryKey: ['notes'], refetchType: 'none' }]);
  assert.deepEqual(stale, [{ queryKey: ['notes'], refetchType: 'active' }]);
});
