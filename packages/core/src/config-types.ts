import { z } from 'zod';

const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const unitsBytes: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1_024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
};

/** `500ms`, `30s`, `5m`, `12h`, `7d` → milliseconds. A bare number is refused: nobody can tell its unit. */
export const duration = z
  .string()
  .regex(/^\d+(?:ms|s|m|h|d)$/u, 'is a duration such as 500ms, 30s, 5m')
  .transform((text) => scale(text, unitsMs));

/** `64KiB`, `1MiB` → bytes. */
export const bytes = z
  .string()
  .regex(/^\d+(?:B|KiB|MiB|GiB)$/u, 'is a size such as 64KiB, 1MiB')
  .transform((text) => scale(text, unitsBytes));

/** `1`, `0`, `true`, `false` and nothing else. */
export const flag = z
  .enum(['1', '0', 'true', 'false'], 'is one of 1, 0, true, false')
  .transform((text) => text === '1' || text === 'true');

export const port = wholeNumber(0, 65_535);

/** An integer in decimal digits; its name ends in its unit. */
export function wholeNumber(min: number, max: number): z.ZodType<number> {
  const message = `is a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/u, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
}

function scale(text: string, units: Readonly<Record<string, number>>): number {
  const [, digits = '', unit = ''] = /^(\d+)(\w+)$/u.exec(text) ?? [];
  return Number(digits) * (units[unit] ?? Number.NaN);
}
