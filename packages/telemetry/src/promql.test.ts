import { equal } from 'node:assert/strict';
import { test } from 'node:test';

import { gauge, mean, named, quantile, rate, ratio, share, time, type Query } from './kpi.ts';
import { toPromql } from './promql.ts';

const http = { metric: 'http_server_request_duration_seconds' };
const name = http.metric;
const failed = { ...http, where: { role: ['api', 'all'], http_response_status_code: /5../u } };

const written: readonly (readonly [Query, string])[] = [
  [named('plinth:gc_time:ratio'), 'plinth:gc_time:ratio'],
  [rate(http, ['http_route']), `sum by (http_route) (rate(${name}_count[5m]))`],
  [rate({ metric: 'plinth_dead_total' }), 'sum (rate(plinth_dead_total[5m]))'],
  [
    ratio(rate(failed), rate(http)),
    `((sum (rate(${name}_count{role=~"api|all",http_response_status_code=~"5.."}[5m])) or 0 * sum (rate(${name}_count[5m]))) / sum (rate(${name}_count[5m])))`,
  ],
  [quantile(0.95, http), `histogram_quantile(0.95, sum by (le) (rate(${name}_bucket[5m])))`],
  [
    share(http, { le: 0.5 }),
    `(sum (rate(${name}_bucket{le="0.5"}[5m])) / sum (rate(${name}_count[5m])))`,
  ],
  [gauge({ metric: 'plinth_paused' }, 'max', ['sub']), 'max by (sub) (plinth_paused)'],
  [mean(http), `(sum (rate(${name}_sum[5m])) / sum (rate(${name}_count[5m])))`],
  [time(http), `sum (rate(${name}_sum[5m]))`],
];

test('a query is written as Prometheus is asked for it', () => {
  for (const [query, text] of written) equal(toPromql(query, '5m'), text);
});
