import type { Bound, Kpis, Lamp } from './define-kpis.ts';
import type { Duration } from './kpi-query.ts';
import { plainAlerts } from './plain-alerts.ts';
import { toPromql } from './promql.ts';
import { recordingExpressions } from './rules.ts';

export type Severity = 'warning' | 'critical' | 'ticket' | 'none';

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: Duration | '0s';
  readonly severity: Severity;
  /** What it is about: `Latency`, `Messages`. */
  readonly area: string;
  readonly summary: string;
  /** Of an objective: its name, since two of them burn apart. */
  readonly slo?: string;
}

/** Of each lamp a rule a severity, of each objective the burning of its budget, and those that have no row. */
export function alertRules({ lamps, slos }: Pick<Kpis, 'lamps' | 'slos'>): AlertRule[] {
  return [
    ...Object.entries(lamps).flatMap(([name, lamp]) => ofLamp(name, lamp)),
    ...Object.entries(slos).flatMap(([name, slo]) => ofObjective(name, slo)),
    ...plainAlerts,
  ];
}

function ofLamp(name: string, lamp: Lamp): AlertRule[] {
  const limits = [lamp, ...(lamp.also === undefined ? [] : [lamp.also])];
  return limits.flatMap(({ query, warn, critical, alert }) =>
    (['warning', 'critical'] as const).map((severity) => {
      const bound = severity === 'warning' ? warn : critical;
      const expr = `${toPromql(query, lamp.window)} ${compare(bound)}${least(lamp)}`;
      const summary = `${lamp.of} (${name}) is ${'above' in bound ? 'above' : 'below'} ${write(bound, lamp.unit)}.`;
      return { alert, expr, for: lamp.hold, severity, area: lamp.of, summary };
    }),
  );
}

function compare(bound: Bound): string {
  return 'above' in bound ? `> ${bound.above}` : `< ${bound.below}`;
}

function write(bound: Bound, unit: Lamp['unit']): string {
  const value = 'above' in bound ? bound.above : bound.below;
  return unit === 's' ? `${value} s` : `${Math.round(value * 100)} %`;
}

/** Few events say nothing. */
function least({ minEvents, query, window }: Lamp): string {
  if (minEvents === undefined || query.kind !== 'ratio' || query.to.kind !== 'rate') return '';
  const events = toPromql({ kind: 'increase', of: query.to.of }, window);
  return ` and on() ${events} >= ${minEvents}`;
}

interface Burn {
  readonly factor: number;
  readonly long: Duration;
  readonly short: Duration;
}
/** Google, Site Reliability Workbook, chapter 5: 2 % of a month's budget in an hour, 5 % in six; 10 % in three days. */
const fast: readonly Burn[] = [
  { factor: 14.4, long: '1h', short: '5m' },
  { factor: 6, long: '6h', short: '30m' },
];
const slow: readonly Burn[] = [
  { factor: 3, long: '1d', short: '2h' },
  { factor: 1, long: '3d', short: '6h' },
];

function ofObjective(name: string, { good, objective }: Kpis['slos'][string]): AlertRule[] {
  const burns = (window: Duration, factor: number) =>
    `(1 - ${toPromql(good, window)}) > ${Number((factor * (1 - objective)).toPrecision(6))}`;
  const expr = (all: readonly Burn[]) =>
    all
      .map(({ factor, long, short }) => `(${burns(long, factor)} and ${burns(short, factor)})`)
      .join(' or ');
  const area = 'Objectives';
  const what = `the budget of ${name} (${objective * 100} %)`;
  return [
    {
      alert: 'SloBurnFast',
      expr: expr(fast),
      for: '2m',
      severity: 'critical',
      area,
      slo: name,
      summary: `At this pace ${what} is gone within days.`,
    },
    {
      alert: 'SloBurnSlow',
      expr: expr(slow),
      for: '1h',
      severity: 'ticket',
      area,
      slo: name,
      summary: `At this pace ${what} will not last the month.`,
    },
  ];
}

/** `rules.yml` of Prometheus: recording rules, then the alerts. JSON strings are YAML. */
export function renderRules(
  rules: readonly AlertRule[],
  runbook: (alert: string) => string,
): string {
  const recorded = Object.entries(recordingExpressions).map(
    ([record, expr]) => `      - record: ${record}\n        expr: ${JSON.stringify(expr)}\n`,
  );
  const alerts = rules.map(
    ({ alert, expr, for: hold, severity, area, summary, slo }) =>
      `      - alert: ${alert}\n        expr: ${JSON.stringify(expr)}\n        for: ${hold}\n` +
      `        labels: { severity: ${severity}, area: ${JSON.stringify(area)}${slo === undefined ? '' : `, slo: ${slo}`} }\n` +
      `        annotations:\n          summary: ${JSON.stringify(summary)}\n` +
      `          value: "{{ $value }}"\n          runbook: ${JSON.stringify(runbook(alert))}\n`,
  );
  return `groups:\n  - name: plinth-recording\n    interval: 1m\n    rules:\n${recorded.join('')}  - name: plinth-alerts\n    interval: 1m\n    rules:\n${alerts.join('')}`;
}
