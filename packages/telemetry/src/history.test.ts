import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fakeClock } from '@plinth/testing';
import fc from 'fast-check';

import { evaluate } from './evaluate.ts';
import type { Frames } from './frames.ts';
import { History } from './history.ts';
import { judgeLamps } from './judge-lamps.ts';
import { defineKpis, mean, quantile, rate, ratio, share, type Query } from './kpi.ts';
import { Registry } from './registry.ts';
import { SeriesWindow } from './series-window.ts';

const minute = 60_000;
const http = { metric: 'http_server_request_duration_seconds' };

function createProcess() {
  const clock = fakeClock();
  const registry = new Registry(clock);
  const history = new History(registry, clock);
  const seconds = registry.histogram({
    name: http.metric,
    help: 'Time of requests.',
    unit: 's',
    labels: {
      http_request_method: { oneOf: ['GET'] },
      http_route: { declared: true },
      http_response_status_code: { atMost: 5 },
    },
  });
  const request = (took: number, status = '200', route = '/a') =>
    seconds
      .bind({ http_request_method: 'GET', http_route: route, http_response_status_code: status })
      .observe(took);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what `read` wrote is `Frames`
  const frames = () => JSON.parse(history.read(0)) as Frames;
  const window = () => new SeriesWindow(frames(), { role: 'all', instance: 'all.0' });
  const ask = (query: Query, windowMs = 5 * minute) =>
    evaluate(query, [window()], { windowMs, endMs: window().endMs });
  return { clock, registry, history, request, window, ask };
}

test('frames add up to what the registry counted, whatever was observed between the ticks', () => {
  const step = fc.array(fc.tuple(fc.double({ min: 0, max: 12, noNaN: true }), fc.boolean()), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (ticks) => {
      const { history, request, ask } = createProcess();
      for (const observations of ticks) {
        for (const [took, failed] of observations) request(took, failed ? '500' : '200');
        history.tick();
      }
      const all = ticks.flat();
      const [increase] = ask({ kind: 'increase', of: http }, Number.MAX_SAFE_INTEGER);
      assert.equal(increase?.value ?? 0, all.length);
      const [average] = ask(mean(http), Number.MAX_SAFE_INTEGER);
      const expected = all.reduce((sum, [took]) => sum + took, 0) / all.length;
      assert.ok(all.length === 0 || Math.abs((average?.value ?? 0) - expected) < 1e-4);
    }),
    { numRuns: 100 },
  );
});

test('rates, quantiles, shares and ratios are those of the window alone', async () => {
  const { clock, history, request, ask } = createProcess();
  history.start();
  request(9);
  await clock.advance(10 * minute);
  for (let n = 0; n < 75; n += 1) request(0.15);
  for (let n = 0; n < 25; n += 1) request(0.4, '503', '/b');
  await clock.advance(minute);

  const close = (query: Query, value: number) =>
    assert.ok(Math.abs((ask(query)[0]?.value ?? Number.NaN) - value) < 1e-9, JSON.stringify(query));
  close(rate(http), 100 / 300);
  close(quantile(0.5, http), 0.1 + (0.1 * 50) / 75);
  close(share(http, { le: 0.2 }), 0.75);
  close(share(http, { notStatus: /5../u }), 0.75);
  const failed = { ...http, where: { http_response_status_code: /5../u } };
  close(ratio(rate(failed), rate(http)), 0.25);
  assert.deepEqual(
    ask(rate(http, ['http_route'])).map(({ labels }) => labels),
    [{ http_route: '/a' }, { http_route: '/b' }],
  );
  assert.deepEqual(ask(quantile(0.5, { metric: 'plinth_handle_seconds' })), []);
  history.stop();
});

test('no failure among requests is 0, no request at all is no data', async () => {
  const { clock, history, request, ask } = createProcess();
  history.start();
  const failed = { ...http, where: { http_response_status_code: /5../u } };
  const errors = ratio(rate(failed), rate(http));

  assert.deepEqual(ask(errors), []);
  request(0.1);
  await clock.advance(10_000);
  assert.deepEqual(ask(errors), [{ labels: {}, value: 0 }]);
  history.stop();
});

test('a lamp changes after its hold, says before what it becomes, and is never green without data', async () => {
  const kpis = defineKpis({
    lamps: {
      p95: {
        of: 'Latency',
        query: quantile(0.95, http),
        unit: 's',
        warn: { above: 0.5 },
        critical: { above: 2 },
        window: '1m',
        hold: '2m',
        alert: 'LatencyP95',
      },
    },
    targets: {},
    gates: {},
    slos: {},
  });
  const { clock, history, request, window } = createProcess();
  history.start();
  const lamp = () => {
    const [light] = judgeLamps(kpis, [window()]);
    return [light?.state, light?.becomes];
  };
  const run = async (took: number, minutes: number) => {
    for (let n = 0; n < minutes * 6; n += 1) {
      request(took);
      await clock.advance(10_000);
    }
  };

  assert.deepEqual(lamp(), ['no data', undefined]);
  await run(0.03, 2);
  assert.deepEqual(lamp(), ['ok', undefined]);
  await run(4, 2);
  assert.deepEqual(lamp(), ['ok', 'critical']);
  await run(4, 2);
  assert.deepEqual(lamp(), ['critical', undefined]);
  await run(0.03, 2);
  assert.deepEqual(lamp(), ['ok', undefined]);
  history.stop();
});

test('15 minutes are kept and no more, in at most 2 MiB', async () => {
  const { clock, history, request, window } = createProcess();
  history.start();
  for (let n = 0; n < 40; n += 1) {
    for (let route = 0; route < 400; route += 1) request(n / 10, '200', `/route-${route}`);
    await clock.advance(30_000);
  }

  const text = history.read(0);
  assert.ok(text.length < 2.2 * 1_048_576, `${text.length} bytes`);
  assert.ok(window().seconds(Number.MAX_SAFE_INTEGER, window().endMs) <= 900);
  assert.match(history.read(1_000), /"frames":\[\]\}$/u);
  history.stop();
});
