import type { Labels } from '@plinth/core';

import type { Frame, Frames } from './frames.ts';
import type { LabelValues, Selector } from './kpi-query.ts';

/** What was added to one series in a window; of a gauge, its value at the end. */
export interface Sample {
  readonly labels: Labels;
  readonly cells: Float64Array;
  readonly bounds: readonly number[];
}

/** The frames of one process, to be asked for windows of them. */
export class SeriesWindow {
  readonly #answer: Frames;
  readonly #target: Labels;

  /** @param target labels of the process: `instance`, `role`. */
  constructor(answer: Frames, target: Labels) {
    this.#answer = answer;
    this.#target = target;
  }

  /** End of the last frame, milliseconds since the Unix epoch; 0 where there is none. */
  get endMs(): number {
    return this.#answer.frames.at(-1)?.at ?? 0;
  }

  /** How much of the window the frames cover: a process that just started has less of it. */
  seconds(windowMs: number, endMs: number): number {
    return this.#frames(windowMs, endMs).reduce((sum, { dt }) => sum + dt, 0) / 1_000;
  }

  /** Counters and histograms: what was added. */
  added({ metric, where }: Selector, windowMs: number, endMs: number): Sample[] {
    const wanted = this.#wanted(metric, where);
    const sums = new Map<number, Float64Array>();
    for (const { h, c } of this.#frames(windowMs, endMs)) {
      for (const [id = -1, ...rest] of h) {
        if (wanted.has(id)) addPairs(this.#cellsOf(sums, id), rest);
      }
      for (const [id = -1, more = 0] of c) {
        if (wanted.has(id)) addPairs(this.#cellsOf(sums, id), [0, more]);
      }
    }
    return [...wanted].map((id) => this.#sample(id, this.#cellsOf(sums, id)));
  }

  /** Gauges: the values that they had at that time. */
  values({ metric, where }: Selector, endMs: number): Sample[] {
    const wanted = this.#wanted(metric, where);
    const values = new Map<number, number>();
    const changed = new Set<number>();
    for (const { at, g } of this.#answer.frames) {
      for (const [id = -1, value = 0] of g) {
        if (!wanted.has(id)) continue;
        changed.add(id);
        if (at <= endMs) values.set(id, value);
      }
    }
    for (const [id = -1, value = 0] of this.#answer.gauges) {
      if (wanted.has(id) && !changed.has(id)) values.set(id, value);
    }
    return [...values].map(([id, value]) => this.#sample(id, Float64Array.of(value)));
  }

  #frames(windowMs: number, endMs: number): readonly Frame[] {
    return this.#answer.frames.filter(({ at, dt }) => at <= endMs && at - dt >= endMs - windowMs);
  }

  #wanted(metric: string, where: Selector['where']): Set<number> {
    const ids = new Set<number>();
    for (const [id, { name, labels }] of this.#answer.series.entries()) {
      if (name === metric && fits({ ...labels, ...this.#target }, where)) ids.add(id);
    }
    return ids;
  }

  #cellsOf(sums: Map<number, Float64Array>, id: number): Float64Array {
    const known = sums.get(id);
    if (known !== undefined) return known;
    const bounds = this.#answer.series[id]?.bounds.length ?? 0;
    const made = new Float64Array(bounds === 0 ? 1 : bounds + 2);
    sums.set(id, made);
    return made;
  }

  #sample(id: number, cells: Float64Array): Sample {
    const info = this.#answer.series[id];
    return { labels: { ...info?.labels, ...this.#target }, cells, bounds: info?.bounds ?? [] };
  }
}

function addPairs(cells: Float64Array, pairs: readonly number[]): void {
  for (let at = 0; at < pairs.length; at += 2) {
    const cell = pairs[at] ?? 0;
    cells[cell] = (cells[cell] ?? 0) + (pairs[at + 1] ?? 0);
  }
}

function fits(labels: Labels, where: Selector['where'] = {}): boolean {
  return Object.entries(where).every(([label, values]) => isOneOf(labels[label] ?? '', values));
}

function isOneOf(value: string, values: LabelValues): boolean {
  if (!(values instanceof RegExp)) return values.includes(value);
  return new RegExp(`^(?:${values.source})$`, values.flags).test(value);
}
