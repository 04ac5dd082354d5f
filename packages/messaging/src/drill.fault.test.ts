import assert from 'node:assert/strict';
import { test } from 'node:test';

import { drillMessages } from './drill-fixture.ts';

/** The command that documents it: `npx plinth drill run messages --runs 1000 --transport postgres`. */
// oxlint-disable-next-line node/no-process-env -- the runner's own switch for long versions
const isLong = process.env['PLINTH_TEST_LONG'] === '1';
const transports = isLong ? (['postgres', 'rabbitmq', 'kafka'] as const) : (['postgres'] as const);
const runs = isLong ? 1_000 : 60;

for (const transport of transports) {
  test(`${transport}: ${runs} deaths of publishers, relays, consumers and their broker lose, double and reorder nothing`, async (t) => {
    const report = await drillMessages({ runs, transport, signal: t.signal });
    t.diagnostic(JSON.stringify(report));

    const { lost, doubled, outOfOrder, published } = report;
    assert.deepEqual({ lost, doubled, outOfOrder }, { lost: 0, doubled: 0, outOfOrder: 0 });
    assert(published > 20, 'enough was published to tell');
  });
}

test('a relay that reads the outbox by its last number is caught by the same drill', async (t) => {
  const options = { runs: 4, transport: 'postgres', isMutant: true } as const;

  const report = await drillMessages({ ...options, signal: t.signal });

  t.diagnostic(JSON.stringify(report));
  assert.equal(report.ok, false);
  assert(report.lost > 0);
});
