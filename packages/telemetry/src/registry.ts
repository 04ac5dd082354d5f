import type {
  Clock,
  Counter,
  Gauge,
  Histogram,
  HistogramDef,
  Labels,
  Meter,
  MetricDef,
} from '@plinth/core';

import { checkCatalogue, type MetricKind } from './catalogue.ts';
import {
  admitLabel,
  createSeries,
  observe,
  otherValue,
  writeSeries,
  type Family,
  type Series,
} from './series.ts';

const labelSetsDefault = 500;
const labelSetsMax = 2_000;
/** Past it all new label sets of the process share `_other`. */
const sampleLinesMax = 20_000;
/** An observable that takes longer is counted. */
const readMsMax = 5;

const separator = '\u0000';

/** One series: the values of its family's labels, and its numbers, which go on changing. */
export interface SeriesView {
  readonly family: Pick<Family, 'name' | 'kind' | 'labelNames' | 'bounds'>;
  readonly values: readonly string[];
  readonly cells: Float64Array;
}

type Read = (set: (value: number, labels?: Labels) => void) => void;

/** The metrics of one process. A value that cannot be one is dropped and counted, never thrown. */
export class Registry implements Meter {
  readonly #clock: Pick<Clock, 'mono'>;
  readonly #families = new Map<string, Family>();
  readonly #overflows: Family;
  readonly #refusals: Family;
  readonly #drops: Family;
  #sampleLines = 0;

  constructor(clock: Pick<Clock, 'mono'>) {
    this.#clock = clock;
    this.#overflows = this.#family('counter', aboutMetric('overflow', 'Sets past a cap.'));
    this.#refusals = this.#family('counter', aboutMetric('label_refused', 'Label values refused.'));
    this.#drops = this.#family('counter', {
      name: 'plinth_telemetry_dropped_total',
      help: 'Telemetry that was dropped.',
      unit: '1',
      labels: {
        signal: { oneOf: ['metric', 'trace', 'log', 'frame'] },
        reason: { oneOf: ['bad_value', 'full', 'slow_read', 'failed_read'] },
      },
    });
  }

  counter(def: MetricDef): Counter {
    const family = this.#family('counter', def);
    if (family.labelNames.length === 0) this.#seriesOf(family, undefined);
    return {
      add: (value, labels) => {
        if (value >= 0 && value < Infinity) this.#add(family, value, labels);
        else this.#drop('bad_value');
      },
    };
  }

  gauge(def: MetricDef): Gauge {
    const family = this.#family('gauge', def);
    return { set: (value, labels) => this.#set(family, value, labels) };
  }

  histogram(def: HistogramDef): Histogram {
    const family = this.#family('histogram', def);
    return {
      bind: (labels) => {
        const series = this.#seriesOf(family, labels);
        return {
          observe: (value) => {
            if (value >= 0 && value < Infinity) observe(series, family.bounds, value);
            else this.#drop('bad_value');
          },
        };
      },
    };
  }

  observable(def: MetricDef, read: Read): void {
    const kind = def.name.endsWith('_total') ? 'counter' : 'gauge';
    this.#family(kind, def).readers.push(read);
  }

  /** All metrics, Prometheus text 0.0.4. */
  write(): string {
    const families = [...this.#families.values()];
    for (const family of families) if (family.readers.length > 0) this.#read(family);
    return families.map(writeFamily).join('');
  }

  /** Each series as it is now. */
  views(): SeriesView[] {
    const views: SeriesView[] = [];
    for (const family of this.#families.values()) {
      if (family.readers.length > 0) this.#read(family);
      for (const [key, { cells }] of family.series) {
        views.push({ family, values: key === '' ? [] : key.split(separator), cells });
      }
    }
    return views;
  }

  /** @throws {TypeError} when the catalogue refuses it, or it was registered with other labels. */
  #family(kind: MetricKind, def: HistogramDef): Family {
    const labelNames = Object.keys(def.labels);
    const entry = checkCatalogue(def.name, kind, labelNames);
    const known = this.#families.get(def.name);
    if (known !== undefined) {
      if (String(known.labelNames) === String(labelNames)) return known;
      throw new TypeError(`${def.name} is registered twice, with different labels.`);
    }
    const family: Family = {
      name: def.name,
      help: def.help,
      kind,
      labelNames,
      rules: def.labels,
      cap: Math.min(def.cap ?? labelSetsDefault, labelSetsMax),
      bounds: kind === 'histogram' ? (def.bounds ?? entry.bounds) : [],
      series: new Map(),
      seen: new Map(),
      readers: [],
    };
    this.#families.set(def.name, family);
    return family;
  }

  #add(family: Family, value: number, labels?: Labels): void {
    const { cells } = this.#seriesOf(family, labels);
    cells[0] = (cells[0] ?? 0) + value;
  }

  #set(family: Family, value: number, labels?: Labels): void {
    if (Number.isFinite(value)) this.#seriesOf(family, labels).cells[0] = value;
    else this.#drop('bad_value');
  }

  #drop(reason: string): void {
    this.#add(this.#drops, 1, { signal: 'metric', reason });
  }

  #seriesOf(family: Family, labels: Labels | undefined): Series {
    const values = family.labelNames.map((label) => this.#admit(family, label, labels?.[label]));
    const key = values.join(separator);
    const found = family.series.get(key);
    if (found !== undefined) return found;
    const lines = linesOf(family);
    if (family.series.size >= family.cap || this.#sampleLines + lines > sampleLinesMax) {
      if (family !== this.#overflows) this.#add(this.#overflows, 1, { metric: family.name });
      const others = family.labelNames.map(() => otherValue);
      return (family.overflow ??= createSeries(family, others));
    }
    this.#sampleLines += lines;
    const made = createSeries(family, values);
    family.series.set(key, made);
    return made;
  }

  #admit(family: Family, label: string, value = ''): string {
    if (value === '') return value;
    const admitted = admitLabel(family, label, value);
    if (admitted !== value) this.#add(this.#refusals, 1, { metric: family.name });
    return admitted;
  }

  /** What was set at the last scrape and is not set now has gone. */
  #read(family: Family): void {
    this.#sampleLines -= family.series.size;
    family.series.clear();
    for (const reader of family.readers) {
      const start = this.#clock.mono();
      try {
        reader((value, labels) => this.#set(family, value, labels));
      } catch {
        // The scrape goes on without this one; the counter says that it is missing.
        this.#drop('failed_read');
      }
      if (this.#clock.mono() - start > readMsMax) this.#drop('slow_read');
    }
  }
}

function aboutMetric(what: string, help: string): MetricDef {
  const name = `plinth_telemetry_${what}_total`;
  return { name, help, unit: '1', labels: { metric: { declared: true } }, cap: labelSetsMax };
}

function linesOf({ kind, bounds }: Family): number {
  return kind === 'histogram' ? bounds.length + 3 : 1;
}

function writeFamily({ name, help, kind, series, overflow }: Family): string {
  if (series.size === 0 && overflow === undefined) return '';
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  let text = `# HELP ${name} ${escaped}\n# TYPE ${name} ${kind}\n`;
  for (const one of series.values()) text += writeSeries(one, kind);
  if (overflow !== undefined) text += writeSeries(overflow, kind);
  return text;
}
