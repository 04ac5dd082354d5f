import { dashboardRows, type PanelRow } from './dashboard-rows.ts';
import type { Bound, Kpis, Lamp } from './define-kpis.ts';
import { quantile, rate, ratio, type Query } from './kpi-query.ts';
import { toPromql } from './promql.ts';

const schemaVersion = 39;
const columns = 24;
const width = 8;
const height = 7;

const http = { metric: 'http_server_request_duration_seconds' };
const failed = { ...http, where: { http_response_status_code: /5../u } };
const byRoute = ['http_route'];

interface PanelFacts {
  readonly title: string;
  readonly query: Query;
  readonly unit: PanelRow['unit'];
  readonly legend: string;
  readonly lamp?: Pick<Lamp, 'warn' | 'critical'>;
}

/** Grafana's overview: each lamp with its bounds, then rate, errors and duration by route. */
export function renderDashboard({ lamps }: Pick<Kpis, 'lamps'>): string {
  const facts: PanelFacts[] = [
    ...Object.entries(lamps).flatMap(([name, lamp]) => {
      const limits = [lamp, ...(lamp.also === undefined ? [] : [lamp.also])];
      return limits.map(({ query, warn, critical, alert }) => ({
        title: `${lamp.of}: ${lamp.also === undefined ? name : alert}`,
        query,
        unit: lamp.unit,
        legend: (lamp.per ?? []).map((label) => `{{${label}}}`).join(' '),
        lamp: { warn, critical },
      }));
    }),
    {
      title: 'Requests by route',
      query: rate(http, byRoute),
      unit: 'rps',
      legend: '{{http_route}}',
    },
    {
      title: 'Errors by route',
      query: ratio(rate(failed, byRoute), rate(http, byRoute)),
      unit: 'ratio',
      legend: '{{http_route}}',
    },
    {
      title: 'p95 by route',
      query: quantile(0.95, http, byRoute),
      unit: 's',
      legend: '{{http_route}}',
    },
  ];
  return render('overview', facts);
}

/** The others, by their names: HTTP, database, messages, processes. */
export function renderDashboards(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    dashboardRows.map(({ name, panels }) => [
      name,
      render(
        name,
        panels.map(({ by, ...facts }) => ({
          ...facts,
          legend: by.map((label) => `{{${label}}}`).join(' '),
        })),
      ),
    ]),
  );
}

function render(name: string, facts: readonly PanelFacts[]): string {
  const dashboard = {
    uid: `plinth-${name}`,
    title: `Plinth: ${name}`,
    schemaVersion,
    editable: false,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: { list: [{ name: 'datasource', type: 'datasource', query: 'prometheus' }] },
    panels: facts.map(panelOf),
  };
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}

const units = {
  s: 's',
  ratio: 'percentunit',
  rps: 'reqps',
  bytes: 'bytes',
  count: 'short',
} as const;
const datasource = { type: 'prometheus', uid: '$datasource' };

function panelOf({ title, query, unit, legend, lamp }: PanelFacts, at: number) {
  const perRow = columns / width;
  return {
    id: at + 1,
    type: 'timeseries',
    title,
    datasource,
    gridPos: {
      x: (at % perRow) * width,
      y: Math.floor(at / perRow) * height,
      w: width,
      h: height,
    },
    fieldConfig: {
      defaults: {
        unit: units[unit],
        min: 0,
        custom: { thresholdsStyle: { mode: lamp === undefined ? 'off' : 'line' } },
        ...(lamp === undefined ? {} : { thresholds: { mode: 'absolute', steps: stepsOf(lamp) } }),
      },
      overrides: [],
    },
    targets: [
      { refId: 'A', datasource, expr: toPromql(query, '5m'), legendFormat: legend, exemplar: true },
    ],
  };
}

/** Colours from below upwards; for what must not fall they turn round. */
function stepsOf({ warn, critical }: Pick<Lamp, 'warn' | 'critical'>) {
  if ('above' in warn) {
    return [
      { color: 'green', value: null },
      { color: 'orange', value: valueOf(warn) },
      { color: 'red', value: valueOf(critical) },
    ];
  }
  return [
    { color: 'red', value: null },
    { color: 'orange', value: valueOf(critical) },
    { color: 'green', value: valueOf(warn) },
  ];
}

function valueOf(bound: Bound): number {
  return 'above' in bound ? bound.above : bound.below;
}
