import type { MetricKind } from './catalogue.ts';

/** A series, named once; frames speak of it by its place in the list. */
export interface SeriesInfo {
  readonly name: string;
  readonly kind: MetricKind;
  readonly labels: Readonly<Record<string, string>>;
  /** Of a histogram; its cells are a count a bucket, one beyond the last bound, and the sum. */
  readonly bounds: readonly number[];
}

/** What changed in one tick; a series that is not named did not. */
export interface Frame {
  readonly seq: number;
  /** End of the tick, milliseconds since the Unix epoch. */
  readonly at: number;
  /** How long it was, milliseconds: more than the interval where the loop stood still. */
  readonly dt: number;
  /** A series, then pairs of a cell and what was added to it. */
  readonly h: readonly (readonly number[])[];
  /** A series and what was added. */
  readonly c: readonly (readonly number[])[];
  /** A series and its value. */
  readonly g: readonly (readonly number[])[];
}

/** What a process answers: its series and the frames after the one that the reader has. */
export interface Frames {
  /** Another one: the process has started anew, and ids mean other series. */
  readonly epoch: string;
  readonly series: readonly SeriesInfo[];
  /** A series and its value: gauges that did not change in any frame too. */
  readonly gauges: readonly (readonly number[])[];
  readonly frames: readonly Frame[];
}
