import { catalogue, targetLabels } from './catalogue.ts';
import { recordingRules, type Duration, type Query, type Selector } from './kpi-query.ts';

export type Phase = 1 | 2 | 3 | 4;
export type Bound = { readonly above: number } | { readonly below: number };

interface LampLimits {
  readonly query: Query;
  readonly warn: Bound;
  readonly critical: Bound;
  /** Name of the alert that follows it, one rule a severity. */
  readonly alert: string;
}

/** One light of the console, and the alert behind it. */
export interface Lamp extends LampLimits {
  readonly of: string;
  readonly unit: 's' | 'ratio';
  readonly window: Duration;
  /** How long a bound must be passed. */
  readonly hold: Duration;
  readonly per?: readonly string[];
  /** Fewer events in the window give no verdict. */
  readonly minEvents?: number;
  readonly from?: Phase;
  readonly also?: LampLimits;
}

/** No verdict under so many events. */
export interface Condition {
  readonly kind: 'events';
  readonly metrics: readonly string[];
  readonly least: number;
}
/** A file that a measurement wrote: missing, old or of another topology fails. */
export interface Evidence {
  readonly kind: 'evidence';
  readonly file: string;
  readonly maxAgeDays: number;
  readonly sameTopology: boolean;
}
/** What must hold; seconds, or parts of 1. */
export type Limit = { readonly query: Query; readonly when?: Condition } & Bound;
export interface Objective {
  readonly good: Query;
  /** Part of 1 that must be good over `days`. */
  readonly objective: number;
  readonly days: number;
}

export interface Kpis {
  readonly lamps: Readonly<Record<string, Lamp>>;
  /** Hold at the topology's rated load. */
  readonly targets: Readonly<Record<string, Limit>>;
  /** Hold in any load test of a release. */
  readonly gates: Readonly<Record<string, Limit | Evidence>>;
  readonly slos: Readonly<Record<string, Objective>>;
}

export const when = {
  events: (metrics: readonly string[], least: number): Condition => ({
    kind: 'events',
    metrics,
    least,
  }),
};

export function evidence(file: string, rest: Omit<Evidence, 'kind' | 'file'>): Evidence {
  return { kind: 'evidence', file, ...rest };
}

/**
 * The rows of topology/kpi.ts, as they are.
 *
 * @throws {TypeError} naming the row: unknown metric, label or rule, a threshold that is no bound of its
 * histogram, `critical` not beyond `warn`, an alert's name used twice.
 */
export function defineKpis<const kpis extends Kpis>(kpis: kpis): kpis {
  const alerts = new Set<string>();
  const rows: Kpis = kpis;
  for (const [name, lamp] of Object.entries(rows.lamps)) {
    for (const limits of [lamp, ...(lamp.also === undefined ? [] : [lamp.also])]) {
      checkLamp(`lamps.${name}`, limits);
      if (alerts.has(limits.alert)) refuse(`lamps.${name}`, `${limits.alert} is used twice`);
      alerts.add(limits.alert);
    }
    checkLabels(`lamps.${name}`, lamp.query, lamp.per ?? []);
  }
  for (const [name, limit] of Object.entries(rows.targets)) checkLimit(`targets.${name}`, limit);
  for (const [name, limit] of Object.entries(rows.gates)) {
    if ('query' in limit) checkLimit(`gates.${name}`, limit);
  }
  for (const [name, { good }] of Object.entries(rows.slos)) {
    const thresholds = good.kind === 'share' && 'le' in good.good ? [good.good.le] : [];
    checkQuery(`slos.${name}`, good, thresholds);
  }
  return kpis;
}

function checkLamp(row: string, { query, warn, critical }: LampLimits): void {
  checkQuery(row, query, [valueOf(warn), valueOf(critical)]);
  const rises = 'above' in warn;
  const beyond = rises === 'above' in critical && valueOf(critical) > valueOf(warn) === rises;
  if (!beyond || valueOf(warn) === valueOf(critical)) refuse(row, 'critical is not beyond warn');
}

function checkLimit(row: string, limit: Limit): void {
  checkQuery(row, limit.query, [valueOf(limit)]);
  for (const metric of limit.when?.metrics ?? []) entryOf(row, metric);
}

function checkQuery(row: string, query: Query, thresholds: readonly number[]): void {
  if (query.kind === 'named') {
    if (recordingRules[query.rule] === undefined) refuse(row, `no rule is named ${query.rule}`);
    return;
  }
  if (query.kind === 'ratio' || query.kind === 'sub' || query.kind === 'add') {
    for (const part of partsOf(query)) checkQuery(row, part, []);
    return;
  }
  checkSelector(row, query.of);
  if (query.kind === 'quantile' || query.kind === 'share') {
    checkBounds(row, query.of.metric, thresholds);
  }
}

function partsOf(query: Extract<Query, { readonly kind: 'ratio' | 'sub' | 'add' }>): Query[] {
  if (query.kind === 'ratio') return [query.of, query.to];
  return [query.of, query.kind === 'sub' ? query.less : query.more];
}

function checkSelector(row: string, { metric, where = {} }: Selector): void {
  const labels = new Set([...entryOf(row, metric).labels, ...targetLabels]);
  const unknown = Object.keys(where).find((label) => !labels.has(label));
  if (unknown !== undefined) refuse(row, `${metric} has no label ${unknown}`);
}

function checkBounds(row: string, metric: string, thresholds: readonly number[]): void {
  const { bounds } = entryOf(row, metric);
  const between = thresholds.find((threshold) => !bounds.includes(threshold));
  if (between !== undefined) refuse(row, `${between} is no bound of ${metric}`);
}

function checkLabels(row: string, query: Query, per: readonly string[]): void {
  const known = query.kind === 'named' ? (recordingRules[query.rule] ?? []) : targetLabels;
  const unknown = per.find((label) => !known.includes(label));
  if (unknown !== undefined) refuse(row, `it has no label ${unknown}`);
}

function entryOf(row: string, metric: string) {
  return catalogue.get(metric) ?? refuse(row, `no metric is named ${metric}`);
}

function valueOf(bound: Bound): number {
  return 'above' in bound ? bound.above : bound.below;
}

function refuse(row: string, why: string): never {
  throw new TypeError(`kpi.ts, ${row}: ${why}.`);
}
