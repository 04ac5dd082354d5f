import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { addDays, day, dayAt, daysBetween, endOfMonth, instant, weekOf } from './day.ts';
import type { Formats } from './formats.ts';
import { amount, money, percent, toDecimal } from './money.ts';
import { parseDate } from './parse-date.ts';
import { parseMoney } from './parse-money.ts';

const formats = (locale: string): Formats => ({
  locale,
  userZone: 'Pacific/Kiritimati',
  tenantZone: 'America/Los_Angeles',
});
const locales = ['en', 'de', 'pl'] as const;

/** Typed → what each locale reads: an amount in minor units, or the fault. */
const typedEur: readonly (readonly [string, ...(number | string)[]])[] = [
  ['1234.5', 123_450, 123_450, 123_450],
  ['1.234,56', 123_456, 123_456, 123_456],
  ['1,234.56', 123_456, 123_456, 123_456],
  ['1 234,56', 123_456, 123_456, 123_456],
  ['1\u{202F}234,56', 123_456, 123_456, 123_456],
  ["1'234.56", 123_456, 123_456, 123_456],
  ['1.234', 'too-precise', 123_400, 'ambiguous'],
  ['1,234', 123_400, 'too-precise', 'too-precise'],
  ['1.23.456', 'not-number', 'not-number', 'not-number'],
  ['1.234.567', 123_456_700, 123_456_700, 123_456_700],
  ['12a', 'not-number', 'not-number', 'not-number'],
  ['1e5', 'not-number', 'not-number', 'not-number'],
  ['.', 'not-number', 'not-number', 'not-number'],
  ['', 'empty', 'empty', 'empty'],
  ['(12.00)', -1_200, -1_200, -1_200],
  ['-12', -1_200, -1_200, -1_200],
  ['\u{2212}12', -1_200, -1_200, -1_200],
  ['+12', 1_200, 1_200, 1_200],
  ['-0', 0, 0, 0],
  ['1.234,56,78', 'not-number', 'not-number', 'not-number'],
  ['90071992547409.91', 9_007_199_254_740_991, 9_007_199_254_740_991, 9_007_199_254_740_991],
  ['90071992547409.92', 'too-large', 'too-large', 'too-large'],
  ['99999999999999999', 'too-large', 'too-large', 'too-large'],
];

test('parseMoney reads euros as its table says, in three locales', () => {
  for (const [typed, ...expected] of typedEur) {
    const read = locales.map((locale) => {
      const parsed = parseMoney(typed, 'EUR', formats(locale));
      return parsed.ok ? parsed.minor : parsed.code;
    });

    deepEqual(read, expected, `typed: ${typed}`);
  }
});

const minorOf = (typed: string, currency: string) => parseMoney(typed, currency, formats('en'));

test('parseMoney takes as many decimals as the currency has', () => {
  deepEqual(minorOf('1234', 'JPY'), { ok: true, minor: 1_234 });
  deepEqual(minorOf('1234.5', 'JPY'), { ok: false, code: 'too-precise' });
  deepEqual(minorOf('1.234', 'KWD'), { ok: true, minor: 1_234 });
  deepEqual(minorOf('1.2345', 'KWD'), { ok: false, code: 'too-precise' });
});

test('what amount writes, parseMoney reads back', () => {
  const currencies = ['EUR', 'JPY', 'KWD'] as const;
  const minors = fc.integer({ min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(
      minors,
      fc.constantFrom(...currencies),
      fc.constantFrom(...locales),
      (minor, currency, locale) => {
        const written = amount({ minor, currency }, formats(locale));

        deepEqual(parseMoney(written, currency, formats(locale)), { ok: true, minor });
      },
    ),
  );
});

test('money puts the code where the locale has it and U+2212 before negatives', () => {
  const value = { minor: -123_450, currency: 'EUR' };

  equal(money(value, formats('en')), 'EUR\u{A0}\u{2212}1,234.50');
  equal(money(value, formats('de')), '\u{2212}1.234,50\u{A0}EUR');
  equal(amount({ minor: 5, currency: 'KWD' }, formats('en')), '0.005');
  equal(
    amount({ minor: 124_031_849, currency: 'EUR' }, formats('en'), { whole: true }),
    '1,240,318',
  );
  equal(amount({ minor: 124_031_849, currency: 'EUR' }, formats('en'), { compact: true }), '1.24M');
  equal(toDecimal(-7, 2), '-0.07');
  equal(percent(0.748, formats('en')), '74.8\u{A0}%');
});

test('parseDate reads days, distances and words', () => {
  const today = '2026-11-23';
  const read = (typed: string, locale = 'de') => parseDate(typed, formats(locale), today);

  deepEqual(
    [
      '23.11.',
      '1.2.27',
      '2026-02-28',
      '2026-02-30',
      't',
      '+30',
      '-7',
      'eom',
      '5',
      'x',
      '32.1.',
    ].map((typed) => read(typed)),
    [
      '2026-11-23',
      '2027-02-01',
      '2026-02-28',
      undefined,
      '2026-11-23',
      '2026-12-23',
      '2026-11-16',
      '2026-11-30',
      '2026-11-05',
      undefined,
      undefined,
    ],
  );
  equal(read('11/23', 'en-US'), '2026-11-23');
  equal(read('23/11', 'en'), '2026-11-23');
});

test('days are written without a zone, instants in the zone of the user', () => {
  const at = Date.UTC(2026, 10, 23, 12, 4, 31);

  equal(day('2026-10-13', formats('en')), '13 Oct 2026');
  equal(day('2026-10-13', formats('en'), { shortBefore: '2026-11-23' }), '13 Oct');
  equal(day('2025-10-13', formats('en'), { shortBefore: '2026-11-23' }), '13 Oct 2025');
  equal(instant(at, formats('en')), '24 Nov 2026, 02:04');
  equal(instant(at, formats('en'), 'seconds'), '02:04:31');
  equal(dayAt(at, 'Pacific/Kiritimati'), '2026-11-24');
  equal(daysBetween('2026-10-26', '2026-11-23'), 28);
  equal(addDays('2026-12-31', 1), '2027-01-01');
  equal(endOfMonth('2028-02-03'), '2028-02-29');
});

test('an unknown or malformed locale reads as English', () => {
  equal(amount({ minor: 123_450, currency: 'EUR' }, formats('not a locale')), '1,234.50');
});

test('weeks are numbered by their Thursday, over the ends of years', () => {
  equal(weekOf('2026-11-23'), 48);
  equal(weekOf('2026-12-31'), 53);
  equal(weekOf('2027-01-03'), 53);
  equal(weekOf('2027-01-04'), 1);
  equal(weekOf('2024-12-30'), 1);
});
