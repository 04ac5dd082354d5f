import { randomBytes } from 'node:crypto';

import type { Clock } from '@plinth/core';

import type { Frame, SeriesInfo } from './frames.ts';
import type { Registry, SeriesView } from './registry.ts';

const everyMs = 5_000;
const framesMax = 180;
const bytesMax = 2 * 1_048_576;

interface Tracked {
  readonly id: number;
  readonly last: Float64Array;
}
interface Kept {
  readonly seq: number;
  readonly text: string;
}

/** The last 15 minutes of a process's metrics, a frame each 5 s and at most 2 MiB of them: a reader needs no server. */
export class History {
  readonly #registry: Pick<Registry, 'views'>;
  readonly #clock: Pick<Clock, 'now' | 'mono' | 'every'>;
  readonly #epoch = randomBytes(4).toString('hex');
  readonly #tracked = new Map<string, Tracked>();
  readonly #series: SeriesInfo[] = [];
  readonly #frames: Kept[] = [];
  #bytes = 0;
  #seq = 0;
  #lastMono: number;
  #cancel: (() => void) | undefined;

  constructor(registry: Pick<Registry, 'views'>, clock: Pick<Clock, 'now' | 'mono' | 'every'>) {
    this.#registry = registry;
    this.#clock = clock;
    this.#lastMono = clock.mono();
  }

  start(): void {
    this.tick();
    this.#cancel = this.#clock.every(everyMs, () => this.tick());
  }

  stop(): void {
    this.#cancel?.();
  }

  /** Writes down what changed since the last one. */
  tick(): void {
    const mono = this.#clock.mono();
    const dt = Math.round(mono - this.#lastMono);
    this.#lastMono = mono;
    const [h, c, g]: [number[][], number[][], number[][]] = [[], [], []];
    for (const view of this.#registry.views()) {
      const { id, last } = this.#track(view);
      const change = changeOf(view, last);
      if (change.length > 0) {
        const list = { histogram: h, counter: c, gauge: g }[view.family.kind];
        list.push([id, ...change]);
      }
      last.set(view.cells);
    }
    this.#seq += 1;
    const frame: Frame = { seq: this.#seq, at: this.#clock.now(), dt, h, c, g };
    this.#keep({ seq: frame.seq, text: JSON.stringify(frame) });
  }

  /** `Frames` as JSON, of the frames after `since`. */
  read(since: number): string {
    const frames = this.#frames.filter(({ seq }) => seq > since).map(({ text }) => text);
    const gauges = [...this.#tracked.values()]
      .filter(({ id }) => this.#series[id]?.kind === 'gauge')
      .map(({ id, last }) => [id, last[0]]);
    const head = JSON.stringify({ epoch: this.#epoch, series: this.#series, gauges });
    return `${head.slice(0, -1)},"frames":[${frames.join(',')}]}`;
  }

  #track({ family, values, cells }: SeriesView): Tracked {
    const key = `${family.name}\n${values.join('\n')}`;
    const known = this.#tracked.get(key);
    if (known !== undefined) return known;
    const { name, kind, bounds, labelNames } = family;
    const labels = Object.fromEntries(labelNames.map((label, at) => [label, values[at] ?? '']));
    const id = this.#series.push({ name, kind, labels, bounds }) - 1;
    const empty = new Float64Array(cells.length);
    // A gauge that is 0 from its beginning has a value too.
    const made = { id, last: kind === 'gauge' ? empty.fill(Number.NaN) : empty };
    this.#tracked.set(key, made);
    return made;
  }

  #keep(frame: Kept): void {
    this.#frames.push(frame);
    this.#bytes += frame.text.length;
    while (this.#frames.length > framesMax || this.#bytes > bytesMax) {
      this.#bytes -= this.#frames.shift()?.text.length ?? 0;
    }
  }
}

/** Of a gauge its value; else what was added, of a histogram by cell. What fell began anew at 0. */
function changeOf({ family: { kind }, cells }: SeriesView, last: Float64Array): number[] {
  if (kind === 'gauge') return cells[0] === last[0] ? [] : [cells[0] ?? 0];
  const change: number[] = [];
  for (const [cell, value] of cells.entries()) {
    const before = last[cell] ?? 0;
    if (value === before) continue;
    if (kind === 'histogram') change.push(cell);
    change.push(short(value < before ? value : value - before));
  }
  return change;
}

const digits = 7;

function short(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(digits));
}
