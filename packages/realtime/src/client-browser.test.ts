import assert from 'node:assert/strict';
import { test } from 'node:test';

import { browser, eventually } from '@plinth/testing';

import { clientPages } from './page-fixture.ts';
import { startServer } from './server-fixture.ts';

const acme = { tenant: 'acme' };
const html = `<!doctype html><link rel="icon" href="data:,"><title>Notes</title><script type="module">
  import { connect } from '/client/index.ts';
  window.numbers = [];
  window.states = [];
  const client = connect({ url: '/rt', onState: (state) => window.states.push(state) });
  client.subscribe({ pattern: 't/{tenant}/notes' }, { tenant: 'acme' }, {
    message: ({ n }) => window.numbers.push(n),
  });
</script>`;

const servePage = clientPages(html);

test('tabs of a real browser share a connection, survive its loss, and hand it on', async (t) => {
  const server = await startServer({ page: servePage });
  t.after(() => server.stop());
  const { realtime, notes } = server;
  const first = await browser(t, { allow: [/\/rt/u, /ERR_/u] });
  const second = await first.context().newPage();
  const address = new URL(server.url).origin;
  for (const page of [first, second]) await page.goto(address);
  const numbers = (page: typeof first) => page.evaluate<number[]>('numbers');
  const opened = () => realtime.stats().connections;
  await eventually(async () => {
    for (const page of [first, second]) assert.equal(await page.evaluate('states.at(-1)'), 'open');
  });

  await notes.publish(acme, { n: 1 });
  for (const page of [first, second]) {
    await eventually(async () => assert.deepEqual(await numbers(page), [1]));
  }
  const shared = opened();
  server.server.closeAllConnections();
  await notes.publish(acme, { n: 2 });
  for (const page of [first, second]) {
    await eventually(async () => assert.deepEqual(await numbers(page), [1, 2]));
  }
  await first.close();
  await eventually(async () => assert.equal(opened(), 1));
  await notes.publish(acme, { n: 3 });
  await eventually(async () => assert.deepEqual(await numbers(second), [1, 2, 3]));

  assert.equal(shared, 1);
});
