import { catalogue } from './catalogue.ts';
import type { Bound, Kpis, Lamp } from './define-kpis.ts';
import { toMs } from './judge-lamps.ts';
import type { Query } from './kpi-query.ts';
import { plainCases } from './plain-alert-tests.ts';

type Limits = Pick<Lamp, 'query' | 'warn' | 'critical' | 'alert'>;

interface Series {
  readonly series: string;
  readonly values: string;
}
interface Case {
  readonly name: string;
  readonly series: readonly Series[];
  readonly atMinutes: number;
  /** Which severities fire then. */
  readonly fires: readonly string[];
  readonly alert: string;
}

const minuteMs = 60_000;
const lengthMinutes = 60;
/** So far beyond a bound, or on the good side of it. */
const beside = 0.02;

/**
 * Tests of promtool for the alerts of all lamps: fires beyond each bound after its hold, is silent before, just
 * on the good side, after a spike that is shorter, and without data; and it resolves. Those without a lamp:
 * fires, and is silent beside it and without data.
 */
export function renderAlertTests({ lamps }: Pick<Kpis, 'lamps'>, rulesFile: string): string {
  const cases = Object.values(lamps).flatMap((lamp) => {
    const limits: Limits[] = [lamp, ...(lamp.also === undefined ? [] : [lamp.also])];
    return limits.flatMap((one) => casesOf(lamp, one));
  });
  const tests = [...cases, ...plainCases.flatMap(ofPlain)].map(writeCase).join('');
  return `rule_files: [${JSON.stringify(rulesFile)}]\nevaluation_interval: 1m\ntests:\n${tests}`;
}

function ofPlain({ alert, fires, bad, good, atMinutes }: (typeof plainCases)[number]): Case[] {
  const series = (of: typeof bad) =>
    Object.entries(of).map(([name, values]) => ({ series: name, values }));
  const silent = { alert, atMinutes, fires: [] };
  return [
    { alert, name: `fires as ${fires.join(' and ')}`, series: series(bad), atMinutes, fires },
    { ...silent, name: 'is silent beside it', series: series(good) },
    { ...silent, name: 'is silent without data', series: [] },
  ];
}

function casesOf(lamp: Lamp, limits: Limits): Case[] {
  const { alert, query, warn, critical } = limits;
  const hold = Math.ceil(toMs(lamp.hold) / minuteMs);
  // A rate is of its whole window: it needs that long to be the new one.
  const settle =
    query.kind === 'named' || query.kind === 'gauge' ? 0 : toMs(lamp.window) / minuteMs;
  const long = hold + settle + 3;
  const series = (bound: Bound, side: 'bad' | 'good', minutes = lengthMinutes) =>
    seriesOf(query, bound, side, minutes);
  const both = ['critical', 'warning'];
  return [
    {
      alert,
      name: 'fires beyond both',
      series: series(critical, 'bad'),
      atMinutes: long,
      fires: both,
    },
    {
      alert,
      name: 'warns between them',
      series: series(critical, 'good'),
      atMinutes: long,
      fires: ['warning'],
    },
    {
      alert,
      name: 'waits for its hold',
      series: series(critical, 'bad'),
      atMinutes: Math.max(0, hold - 1),
      fires: [],
    },
    {
      alert,
      name: 'is silent on the good side',
      series: series(warn, 'good'),
      atMinutes: long,
      fires: [],
    },
    { alert, name: 'is silent without data', series: [], atMinutes: long, fires: [] },
    {
      alert,
      name: 'resolves',
      series: series(critical, 'bad', long),
      atMinutes: long + settle + 6,
      fires: [],
    },
  ];
}

/** Series under which the query lies beside the bound, for so many minutes; after them they are good, or gone. */
function seriesOf(query: Query, bound: Bound, side: 'bad' | 'good', minutes: number): Series[] {
  const limit = 'above' in bound ? bound.above : bound.below;
  const up = 'above' in bound === (side === 'bad');
  const value = limit * (up ? 1 + beside : 1 - beside);
  if (query.kind === 'named') return [steady(query.rule, value, minutes)];
  if (query.kind === 'gauge') return [steady(`${query.of.metric}{instance="a"}`, value, minutes)];
  if (query.kind === 'quantile') return bucketsOf(query.of.metric, limit, up, minutes);
  if (query.kind === 'ratio' && query.of.kind === 'rate') {
    const bad = Math.round(value * perMinute);
    return ['500', '200'].map((status) => {
      const label = `http_response_status_code="${status}",role="all"`;
      const rate = status === '500' ? bad : perMinute - bad;
      const after = status === '500' ? 0 : perMinute;
      return growing(
        `${query.of.kind === 'rate' ? query.of.of.metric : ''}_count{${label}}`,
        [rate, after],
        minutes,
      );
    });
  }
  throw new TypeError(`There is no test of alerts over ${query.kind}.`);
}

const perMinute = 10_000;

function steady(series: string, value: number, minutes: number): Series {
  return { series, values: `${Number(value.toPrecision(6))}x${minutes} _x${lengthMinutes}` };
}

/** A counter that grows so much a minute, then so much. */
function growing(
  series: string,
  [first, then]: readonly [number, number],
  minutes: number,
): Series {
  const end = first * minutes;
  return { series, values: `0+${first}x${minutes} ${end + then}+${then}x${lengthMinutes}` };
}

/** All observations lie in the bucket above the bound, or in the one that ends at it. */
function bucketsOf(metric: string, limit: number, above: boolean, minutes: number): Series[] {
  const bounds = catalogue.get(metric)?.bounds ?? [];
  const holds = above ? (bounds[bounds.indexOf(limit) + 1] ?? Infinity) : limit;
  const lowest = bounds[0] ?? 0;
  return [...bounds, Infinity].map((bound) => {
    const le = bound === Infinity ? '+Inf' : String(bound);
    const label = `{instance="a",role="all",le="${le}"}`;
    const rates = [bound >= holds ? perMinute : 0, bound >= lowest ? perMinute : 0] as const;
    return growing(`${metric}_bucket${label}`, rates, minutes);
  });
}

function writeCase({ name, alert, series, atMinutes, fires }: Case): string {
  const input = series.map(
    ({ series: text, values }) => `      - { series: '${text}', values: '${values}' }\n`,
  );
  const samples = fires.map(
    (severity) => `          - { labels: '{severity="${severity}"}', value: 1 }\n`,
  );
  return (
    `  - name: ${alert} ${name}\n    interval: 1m\n` +
    (input.length === 0 ? '    input_series: []\n' : `    input_series:\n${input.join('')}`) +
    '    promql_expr_test:\n' +
    `      - expr: count by (severity) (ALERTS{alertname="${alert}",alertstate="firing"})\n` +
    `        eval_time: ${atMinutes}m\n` +
    (samples.length === 0
      ? '        exp_samples: []\n'
      : `        exp_samples:\n${samples.join('')}`)
  );
}
