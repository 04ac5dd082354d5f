import type { Labels } from '@plinth/core';

import type { Good, Query, Selector } from './kpi-query.ts';
import { localRules } from './rules.ts';
import type { Sample, SeriesWindow } from './series-window.ts';

/** An answer, for each group that the query makes. */
export interface Row {
  readonly labels: Labels;
  readonly value: number;
}

/** When it is asked for: `windowMs` up to `endMs`, milliseconds since the Unix epoch. */
export interface Span {
  readonly windowMs: number;
  readonly endMs: number;
}

/**
 * Asks the frames of some processes what Prometheus would be asked: histograms merge cell by cell, so that a
 * quantile over processes is exact to its bucket. Nothing where there is no data.
 */
export function evaluate(query: Query, windows: readonly SeriesWindow[], span: Span): Row[] {
  if (query.kind === 'named') {
    const local = localRules.get(query.rule);
    return local === undefined ? [] : evaluate(local, windows, span);
  }
  if (query.kind === 'ratio') return ratios(query, windows, span);
  if (query.kind === 'add' || query.kind === 'sub') return joined(query, windows, span);
  if (query.kind === 'rate' || query.kind === 'time') return rates(query, windows, span);
  if (query.kind === 'gauge') {
    const samples = windows.flatMap((window) => window.values(query.of, span.endMs));
    return grouped(samples, query.by, (group) => aggregate(query.aggregate, group));
  }
  return ofAdded(query, added(query.of, windows, span));
}

type OfAdded = Extract<Query, { readonly kind: 'increase' | 'mean' | 'quantile' | 'share' }>;

function ofAdded(query: OfAdded, samples: readonly Sample[]): Row[] {
  if (query.kind === 'quantile') {
    return grouped(samples, query.by, (group) => quantileOf(query.q, group));
  }
  if (query.kind === 'share') return grouped(samples, [], (group) => shareOf(query.good, group));
  if (query.kind === 'increase') return grouped(samples, [], (group) => sum(group, countOf));
  return grouped(samples, [], (group) => divide(sum(group, sumOf), sum(group, countOf)));
}

function rates(
  { kind, of, by }: Extract<Query, { readonly kind: 'rate' | 'time' }>,
  windows: readonly SeriesWindow[],
  span: Span,
): Row[] {
  // Each process by its own time: one that just started has less of the window.
  const rows = windows.flatMap((window) => {
    const seconds = window.seconds(span.windowMs, span.endMs);
    if (seconds === 0) return [];
    return window.added(of, span.windowMs, span.endMs).map((sample) => ({
      labels: sample.labels,
      cells: Float64Array.of((kind === 'time' ? sumOf(sample) : countOf(sample)) / seconds),
      bounds: [],
    }));
  });
  return grouped(rows, by, (group) => sum(group, countOf));
}

function added(of: Selector, windows: readonly SeriesWindow[], span: Span): Sample[] {
  return windows.flatMap((window) => window.added(of, span.windowMs, span.endMs));
}

/** One row a group; NaN is no data. */
function grouped(
  samples: readonly Sample[],
  by: readonly string[],
  answer: (group: readonly Sample[]) => number,
): Row[] {
  const groups = Map.groupBy(samples, ({ labels }) => by.map((label) => labels[label]).join('\n'));
  return [...groups.values()].flatMap((group) => {
    const value = answer(group);
    const labels = Object.fromEntries(by.map((label) => [label, group[0]?.labels[label] ?? '']));
    return Number.isNaN(value) ? [] : [{ labels, value }];
  });
}

/** What never happened has no series: no failures among requests is a part of 0, not unknown. */
function ratios(
  { of, to }: Extract<Query, { readonly kind: 'ratio' }>,
  windows: readonly SeriesWindow[],
  span: Span,
): Row[] {
  const parts = evaluate(of, windows, span);
  return evaluate(to, windows, span).flatMap(({ labels, value: whole }) => {
    const part = parts.find((row) => isSame(row.labels, labels));
    const counted = part?.value ?? (of.kind === 'rate' ? 0 : Number.NaN);
    const value = divide(counted, whole);
    return Number.isNaN(value) ? [] : [{ labels, value }];
  });
}

/** Rows of the same labels, as Prometheus matches them. */
function joined(
  query: Extract<Query, { readonly kind: 'add' | 'sub' }>,
  windows: readonly SeriesWindow[],
  span: Span,
): Row[] {
  const [other, sign] = query.kind === 'add' ? [query.more, 1] : [query.less, -1];
  const right = evaluate(other, windows, span);
  return evaluate(query.of, windows, span).flatMap(({ labels, value }) => {
    const match = right.find((row) => isSame(row.labels, labels));
    return match === undefined ? [] : [{ labels, value: value + sign * match.value }];
  });
}

function isSame(one: Labels, other: Labels): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
  );
}

function divide(one: number, other: number): number {
  return other === 0 ? Number.NaN : one / other;
}

function sum(samples: readonly Sample[], of: (sample: Sample) => number): number {
  return samples.reduce((total, sample) => total + of(sample), 0);
}

function countOf({ cells, bounds }: Sample): number {
  if (bounds.length === 0) return cells[0] ?? 0;
  return cells.subarray(0, bounds.length + 1).reduce((count, cell) => count + cell, 0);
}

function sumOf({ cells, bounds }: Sample): number {
  return cells[bounds.length === 0 ? 0 : bounds.length + 1] ?? 0;
}

/** As Prometheus' `histogram_quantile`: linear in its bucket, the last bound beyond it. */
function quantileOf(q: number, group: readonly Sample[]): number {
  const bounds = group[0]?.bounds ?? [];
  const total = sum(group, countOf);
  if (total === 0) return Number.NaN;
  const rank = q * total;
  let below = 0;
  for (const [at, upper] of bounds.entries()) {
    const inside = sum(group, ({ cells }) => cells[at] ?? 0);
    const lower = at === 0 ? 0 : (bounds[at - 1] ?? 0);
    if (below + inside >= rank && inside > 0) {
      return lower + (upper - lower) * ((rank - below) / inside);
    }
    below += inside;
  }
  return bounds.at(-1) ?? Number.NaN;
}

function shareOf(good: Good, group: readonly Sample[]): number {
  const total = sum(group, countOf);
  if ('le' in good) {
    const within = sum(group, ({ cells, bounds }) =>
      cells.subarray(0, bounds.indexOf(good.le) + 1).reduce((count, cell) => count + cell, 0),
    );
    return divide(within, total);
  }
  const status = new RegExp(`^(?:${good.notStatus.source})$`, good.notStatus.flags);
  const bad = group.filter(({ labels }) => status.test(labels['http_response_status_code'] ?? ''));
  return divide(total - sum(bad, countOf), total);
}

function aggregate(how: 'max' | 'min' | 'sum' | 'avg', group: readonly Sample[]): number {
  const values = group.map(({ cells }) => cells[0] ?? 0);
  if (how === 'max') return Math.max(...values);
  if (how === 'min') return Math.min(...values);
  const total = values.reduce((one, other) => one + other, 0);
  return how === 'sum' ? total : total / values.length;
}
