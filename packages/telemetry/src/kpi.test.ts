import assert from 'node:assert/strict';
import { test } from 'node:test';

import { kpis } from '../../../topology/kpi.ts';
import { catalogue } from './catalogue.ts';
import { defineKpis, gauge, named, quantile, rate, share, type Kpis, type Lamp } from './kpi.ts';

const http = { metric: 'http_server_request_duration_seconds' };
const none: Kpis = { lamps: {}, targets: {}, gates: {}, slos: {} };
const lamp: Lamp = {
  of: 'Latency',
  query: quantile(0.95, http),
  unit: 's',
  warn: { above: 0.5 },
  critical: { above: 2 },
  window: '5m',
  hold: '5m',
  alert: 'LatencyP95',
};

const refused: [string, Partial<Kpis>, RegExp][] = [
  [
    'a metric that is unknown',
    { targets: { a: { query: rate({ metric: 'foo' }), below: 1 } } },
    /targets\.a: no metric is named foo/u,
  ],
  [
    'a label that its metric lacks',
    { gates: { a: { query: rate({ ...http, where: { tenant: ['x'] } }), below: 1 } } },
    /gates\.a: .* has no label tenant/u,
  ],
  [
    'a recording rule that is unknown',
    { targets: { a: { query: named('plinth:foo'), below: 1 } } },
    /no rule is named/u,
  ],
  [
    'a threshold between the bounds of its histogram',
    { gates: { a: { query: quantile(0.5, http), below: 0.3 } } },
    /0\.3 is no bound/u,
  ],
  [
    'a share at a value between bounds',
    { slos: { a: { good: share(http, { le: 0.3 }), objective: 0.99, days: 30 } } },
    /slos\.a: 0\.3 is no bound/u,
  ],
  [
    'a critical bound that is not beyond the warning',
    { lamps: { a: { ...lamp, critical: { above: 0.2 } } } },
    /not beyond warn/u,
  ],
  [
    'a critical bound in the other direction',
    { lamps: { a: { ...lamp, critical: { below: 2 } } } },
    /not beyond warn/u,
  ],
  ['an alert that two lamps have', { lamps: { a: lamp, b: lamp } }, /LatencyP95 is used twice/u],
  [
    'a label by which its rule is not grouped',
    { lamps: { a: { ...lamp, query: named('plinth:gc_time:ratio'), per: ['host'] } } },
    /no label host/u,
  ],
];

for (const [what, part, message] of refused) {
  test(`defineKpis refuses ${what}, naming the row`, () => {
    assert.throws(() => defineKpis({ ...none, ...part }), message);
  });
}

test('defineKpis takes a lamp over a gauge at any threshold', () => {
  const query = gauge({ metric: 'nodejs_eventloop_delay_p99_seconds' }, 'max');
  const limits = { warn: { above: 0.03 }, critical: { above: 0.07 } };

  const rows = defineKpis({ ...none, lamps: { a: { ...lamp, query, ...limits } } });

  assert.equal(rows.lamps['a'].query, query);
});

test('every threshold of topology/kpi.ts on a histogram is one of its bounds', () => {
  const limits = [...Object.values(kpis.gates), ...Object.values(kpis.targets)];

  const asked = limits.flatMap((limit) =>
    'query' in limit && limit.query.kind === 'quantile' && 'below' in limit
      ? [{ metric: limit.query.of.metric, threshold: limit.below }]
      : [],
  );

  assert.equal(asked.length, 8);
  for (const { metric, threshold } of asked) {
    assert(catalogue.get(metric)?.bounds.includes(threshold), `${threshold} bounds ${metric}`);
  }
});
