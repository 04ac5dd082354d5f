import type { Bound, LampState, Unit } from '../answers.ts';

const none = '–';
const mib = 1_048_576;

/** `12 ms`, `1.24 s` */
export function seconds(value: number | null): string {
  if (value === null) return none;
  if (value >= 1) return `${value.toFixed(2)} s`;
  const ms = value * 1_000;
  return `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}

export function milliseconds(value: number): string {
  return seconds(value / 1_000);
}

export function percent(value: number | null, digits = 1): string {
  return value === null ? none : `${(value * 100).toFixed(digits)} %`;
}

export function count(value: number | null): string {
  return value === null ? none : value.toLocaleString('en', { maximumFractionDigits: 1 });
}

export function perSecond(value: number | null): string {
  return value === null ? none : value.toFixed(value < 10 ? 2 : 0);
}

export function mebibytes(value: number | null): string {
  return value === null ? none : `${(value / mib).toFixed(0)} MiB`;
}

export function inUnit(value: number | null, unit: Unit): string {
  return unit === 's' ? seconds(value) : percent(value, 2);
}

/** `over 500 ms`: where it becomes a warning. */
export function limitText(bound: Bound, unit: Unit): string {
  return 'above' in bound
    ? `over ${inUnit(bound.above, unit)}`
    : `under ${inUnit(bound.below, unit)}`;
}

export function clockTime(ms: number): string {
  return ms === 0 ? 'never' : new Date(ms).toLocaleTimeString(undefined, { hour12: false });
}

export const lampTone = {
  ok: 'ok',
  warning: 'warn',
  critical: 'danger',
  'no data': 'neutral',
} as const;
export const lampGlyph = {
  ok: 'settled',
  warning: 'overdue',
  critical: 'failed',
  'no data': 'draft',
} as const;
export const lampClass: Readonly<Record<LampState, string>> = {
  ok: 'quiet',
  warning: 'warning',
  critical: 'critical',
  'no data': 'none',
};
