import { gauge, quantile, rate, type Selector } from '@plinth/telemetry/kpi';
import { evaluate, type SeriesWindow } from '@plinth/telemetry/reader';

export const minutes5 = 300_000;
export const minutes15 = 900_000;

export type Values = ReadonlyMap<string, number>;

/** End of the last frame of any of them; 0 without one. */
export function endOf(windows: readonly SeriesWindow[]): number {
  return Math.max(0, ...windows.map(({ endMs }) => endMs));
}

/** A gauge's value now, by a label: the worst of the processes, or their sum. */
export function gauges(
  windows: readonly SeriesWindow[],
  of: Selector,
  label: string,
  aggregate: 'max' | 'sum' = 'max',
): Values {
  const span = { windowMs: minutes5, endMs: endOf(windows) };
  return byLabel(evaluate(gauge(of, aggregate, [label]), windows, span), label);
}

/** Each second, by a label, over the last 5 minutes. */
export function rates(windows: readonly SeriesWindow[], of: Selector, label: string): Values {
  const span = { windowMs: minutes5, endMs: endOf(windows) };
  return byLabel(evaluate(rate(of, [label]), windows, span), label);
}

/** By a label, over the last 15 minutes. */
export function quantiles(
  windows: readonly SeriesWindow[],
  q: number,
  of: Selector,
  label: string,
): Values {
  const span = { windowMs: minutes15, endMs: endOf(windows) };
  return byLabel(evaluate(quantile(q, of, [label]), windows, span), label);
}

/** How many in the last 15 minutes, by a label. */
export function counts(windows: readonly SeriesWindow[], of: Selector, label: string): Values {
  const sums = new Map<string, number>();
  for (const window of windows) {
    for (const { labels, cells, bounds } of window.added(of, minutes15, endOf(windows))) {
      const name = labels[label] ?? '';
      const counted = bounds.length === 0 ? cells : cells.subarray(0, bounds.length + 1);
      const count = counted.reduce((sum, cell) => sum + cell, 0);
      sums.set(name, (sums.get(name) ?? 0) + count);
    }
  }
  return sums;
}

/** One figure of all together; null without data. */
export function figure(values: Values): number | null {
  const all = [...values.values()];
  return all.length === 0 ? null : Math.max(...all);
}

function byLabel(
  rows: readonly { labels: Readonly<Record<string, string>>; value: number }[],
  label: string,
): Values {
  return new Map(rows.map(({ labels, value }) => [labels[label] ?? '', value]));
}
