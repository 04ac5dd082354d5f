import type { Labels } from '@plinth/core';

import type { Bound, Kpis, Lamp, Phase } from './define-kpis.ts';
import { evaluate, type Row } from './evaluate.ts';
import type { Duration, Query } from './kpi-query.ts';
import type { SeriesWindow } from './series-window.ts';

/** `no data` is never green: nothing was measured, which is not the same as all is well. */
export type LampState = 'ok' | 'warning' | 'critical' | 'no data';

export interface LampLight {
  readonly name: string;
  readonly of: string;
  /** Seconds, or a part of 1; undefined without data. */
  readonly value: number | undefined;
  /** Which of several it is: the worst. */
  readonly labels: Labels;
  readonly unit: Lamp['unit'];
  readonly warn: Bound;
  readonly critical: Bound;
  readonly state: LampState;
  /** What it becomes if it stays so for the lamp's `hold`. */
  readonly becomes: LampState | undefined;
  readonly alert: string;
}

type Limits = Pick<Lamp, 'query' | 'warn' | 'critical' | 'alert'>;

const stepMs = 30_000;
const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Judges the lamps over the frames of the processes, with the window and the hold of their alerts. */
export function judgeLamps(
  { lamps }: Pick<Kpis, 'lamps'>,
  windows: readonly SeriesWindow[],
  phase: Phase = 1,
): LampLight[] {
  const endMs = Math.max(0, ...windows.map((window) => window.endMs));
  return Object.entries(lamps)
    .filter(([, { from = 1 }]) => from <= phase)
    .flatMap(([name, lamp]) =>
      [lamp, ...(lamp.also === undefined ? [] : [lamp.also])].map((limits) =>
        judge(name, lamp, limits, { windows, endMs }),
      ),
    );
}

interface Site {
  readonly windows: readonly SeriesWindow[];
  readonly endMs: number;
}

function judge(name: string, lamp: Lamp, limits: Limits, { windows, endMs }: Site): LampLight {
  const windowMs = toMs(lamp.window);
  const at = (atMs: number) => {
    const span = { windowMs, endMs: atMs };
    const events = lamp.minEvents === undefined ? 0 : eventsOf(limits.query, windows, span);
    if (events < (lamp.minEvents ?? 0)) return undefined;
    return worst(evaluate(limits.query, windows, span), limits.warn);
  };
  const now = at(endMs);
  const state = stateOf(now?.value, limits);
  const isHeld =
    state === 'ok' ||
    state === 'no data' ||
    stepsOf(toMs(lamp.hold)).every((agoMs) =>
      isAsBad(stateOf(at(endMs - agoMs)?.value, limits), state),
    );
  return {
    name,
    of: lamp.of,
    value: now?.value,
    labels: now?.labels ?? {},
    unit: lamp.unit,
    warn: limits.warn,
    critical: limits.critical,
    state: isHeld ? state : 'ok',
    becomes: isHeld ? undefined : state,
    alert: limits.alert,
  };
}

function stepsOf(holdMs: number): number[] {
  return Array.from({ length: Math.floor(holdMs / stepMs) }, (_, at) => (at + 1) * stepMs);
}

function isAsBad(before: LampState, now: LampState): boolean {
  return before === now || (before === 'critical' && now === 'warning');
}

/** What a ratio is over: the events below its line. */
function eventsOf(
  query: Query,
  windows: readonly SeriesWindow[],
  span: { windowMs: number; endMs: number },
) {
  if (query.kind !== 'ratio' || query.to.kind !== 'rate') return Number.POSITIVE_INFINITY;
  return evaluate({ kind: 'increase', of: query.to.of }, windows, span)[0]?.value ?? 0;
}

function worst(rows: readonly Row[], warn: Bound): Row | undefined {
  const rising = 'above' in warn;
  const sorted = rows.toSorted((one, other) =>
    rising ? other.value - one.value : one.value - other.value,
  );
  return sorted[0];
}

function stateOf(value: number | undefined, { warn, critical }: Limits): LampState {
  if (value === undefined) return 'no data';
  if (isBeyond(value, critical)) return 'critical';
  return isBeyond(value, warn) ? 'warning' : 'ok';
}

function isBeyond(value: number, bound: Bound): boolean {
  return 'above' in bound ? value > bound.above : value < bound.below;
}

/** Milliseconds of `5m`. */
export function toMs(duration: Duration): number {
  const unit = duration.at(-1);
  const scale = unit === 's' || unit === 'm' || unit === 'h' ? unitMs[unit] : unitMs.d;
  return Number(duration.slice(0, -1)) * scale;
}
