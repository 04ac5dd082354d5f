import type { LabelRule, Labels } from '@plinth/core';

import type { MetricKind } from './catalogue.ts';

/** One label set of a metric: its numbers, and the constant text before each of them. */
export interface Series {
  readonly cells: Float64Array;
  readonly prefixes: readonly string[];
}

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly kind: MetricKind;
  readonly labelNames: readonly string[];
  readonly rules: Readonly<Record<string, LabelRule>>;
  readonly cap: number;
  readonly bounds: readonly number[];
  readonly series: Map<string, Series>;
  /** Distinct values seen, of labels with `atMost`. */
  readonly seen: Map<string, Set<string>>;
  /** Holds what came past the cap. */
  overflow?: Series;
  readonly readers: ((set: (value: number, labels?: Labels) => void) => void)[];
}

export const otherValue = '_other';
/** Longer label values are refused: no name of a route, statement or job is. */
const labelCharactersMax = 200;

/** The value that stands in the series: itself, or `_other` when its rule refuses it. */
export function admitLabel(family: Family, label: string, value: string): string {
  const rule = family.rules[label];
  if (rule === undefined || value.length > labelCharactersMax) return otherValue;
  if ('oneOf' in rule) return rule.oneOf.includes(value) ? value : otherValue;
  if ('declared' in rule) return value;
  const seen = family.seen.get(label) ?? new Set();
  family.seen.set(label, seen);
  if (!seen.has(value) && seen.size >= rule.atMost) return otherValue;
  seen.add(value);
  return value;
}

export function createSeries(family: Family, values: readonly string[]): Series {
  const labels = family.labelNames.map(
    (label, index) => `${label}="${escapeLabel(values[index] ?? '')}"`,
  );
  const line = (suffix: string, own: readonly string[]) =>
    `${family.name}${suffix}${own.length === 0 ? '' : `{${own.join(',')}}`} `;
  if (family.kind !== 'histogram') {
    return { cells: new Float64Array(1), prefixes: [line('', labels)] };
  }
  const ends = [...family.bounds.map(String), '+Inf'];
  return {
    cells: new Float64Array(family.bounds.length + 2),
    prefixes: [
      ...ends.map((end) => line('_bucket', [...labels, `le="${end}"`])),
      line('_sum', labels),
      line('_count', labels),
    ],
  };
}

function escapeLabel(value: string): string {
  return value
    .toWellFormed()
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('"', '\\"');
}

/** Linear: a histogram has at most 16 bounds. The cells are one count a bucket, then the sum. */
export function observe({ cells }: Series, bounds: readonly number[], value: number): void {
  let bucket = 0;
  while (bucket < bounds.length && value > (bounds[bucket] ?? Infinity)) bucket += 1;
  cells[bucket] = (cells[bucket] ?? 0) + 1;
  const sum = bounds.length + 1;
  cells[sum] = (cells[sum] ?? 0) + value;
}

/** The sample lines of one series, Prometheus text 0.0.4. */
export function writeSeries({ cells, prefixes }: Series, kind: MetricKind): string {
  if (kind !== 'histogram') return `${prefixes[0] ?? ''}${toText(cells[0] ?? 0)}\n`;
  const buckets = cells.length - 1;
  let text = '';
  let count = 0;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    count += cells[bucket] ?? 0;
    text += `${prefixes[bucket] ?? ''}${count}\n`;
  }
  text += `${prefixes[buckets] ?? ''}${toText(cells[buckets] ?? 0)}\n`;
  return `${text}${prefixes[buckets + 1] ?? ''}${count}\n`;
}

function toText(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}
