import type { Ctx } from '@plinth/core';

import { addDays, mondayOf, type Day } from './day.ts';
import {
  findHabits,
  sumOwedByWeek,
  sumReceivedByWeek,
  type HabitsQuery,
  type OwedWeek,
} from './forecast-table.ts';
import { shareWithin, spread, type Expected, type Habits } from './forecast.ts';
import { findFreshness } from './freshness-table.ts';
import { oneSnapshot, reportDay, type ReadNeeds } from './needs.ts';

const weeksShown = 13;
const weekDays = 7;
/** The same weekday of the year before. */
const yearDays = 52 * weekDays;
/** Younger invoices may still be on their way. */
const settledAfterDays = 91;
const monthWeeks = 4;
const ppm = 1_000_000;

export interface ForecastQuery {
  readonly asOf?: Day | undefined;
}
export interface ForecastWeek extends Expected {
  /** Open, and due in this week. */
  readonly dueMinor: number;
  readonly lastYearMinor: number;
}
export interface Forecast {
  readonly today: Day;
  /** Mondays; the first is that of the present week. */
  readonly weeks: Day[];
  readonly currencies: {
    readonly currency: string;
    readonly openMinor: number;
    readonly overdueMinor: number;
    readonly lowMinor: number;
    readonly expectedMinor: number;
    readonly weeks: ForecastWeek[];
  }[];
  readonly habits: {
    readonly payments: number;
    readonly onTimePpm: number;
    readonly monthLatePpm: number;
    readonly unpaidPpm: number;
  };
  readonly asOf: string;
}

/** What comes in, week by week: of what is owed today, as the newest payments came. Invoices to come are not in it. */
export async function cashForecast(
  needs: ReadNeeds,
  ctx: Ctx,
  { asOf }: ForecastQuery,
): Promise<Forecast> {
  const tenantToday = await needs.today(ctx);
  return needs.database.read(
    ctx,
    async (reader) => {
      const freshness = await findFreshness(reader);
      const today = asOf ?? (await reportDay(reader, tenantToday));
      const monday = mondayOf(today);
      const lastYear = addDays(monday, -yearDays);
      const [owed, received, habits] = await Promise.all([
        sumOwedByWeek(reader, monday),
        sumReceivedByWeek(reader, {
          from: lastYear,
          to: addDays(lastYear, weeksShown * weekDays),
        }),
        findHabits(reader, habitsQuery(today, monday)),
      ]);
      return {
        today,
        weeks: Array.from({ length: weeksShown }, (_, at) => addDays(monday, at * weekDays)),
        currencies: toCurrencies(owed, received, habits),
        habits: {
          payments: habits.payments,
          onTimePpm: Math.round(shareWithin(habits, 0) * ppm),
          monthLatePpm: Math.round(shareWithin(habits, monthWeeks) * ppm),
          unpaidPpm: Math.round(habits.unpaidShare * ppm),
        },
        asOf: freshness,
      };
    },
    oneSnapshot,
  );
}

/** A row a currency and week. */
export function forecastRows({ currencies, weeks }: Forecast) {
  return currencies.flatMap(({ currency, weeks: own }) =>
    own.map((figures, at) => ({ currency, week: weeks[at] ?? '', ...figures })),
  );
}

function habitsQuery(today: Day, monday: Day): HabitsQuery {
  const settledTo = addDays(today, -settledAfterDays);
  return { today, monday, settledFrom: addDays(settledTo, -yearDays), settledTo };
}

/** The currency with the most open invoices first. */
function toCurrencies(
  owed: readonly OwedWeek[],
  received: Awaited<ReturnType<typeof sumReceivedByWeek>>,
  habits: Habits,
): Forecast['currencies'] {
  const before = new Map(
    received.map(({ currency, week, receivedMinor }) => [`${currency} ${week}`, receivedMinor]),
  );
  return [...Map.groupBy(owed, ({ currency }) => currency)]
    .toSorted(([, a], [, b]) => countOf(b) - countOf(a))
    .map(([currency, rows]) => {
      const due = new Map(rows.map(({ week, openMinor }) => [week, openMinor]));
      const weeks = spread(due, habits, weeksShown).map((expected, at) => ({
        dueMinor: due.get(at) ?? 0,
        ...expected,
        lastYearMinor: before.get(`${currency} ${at}`) ?? 0,
      }));
      return {
        currency,
        openMinor: sumOf(rows, ({ openMinor }) => openMinor),
        overdueMinor: sumOf(rows, ({ week, openMinor }) => (week < 0 ? openMinor : 0)),
        lowMinor: sumOf(weeks, ({ lowMinor }) => lowMinor),
        expectedMinor: sumOf(weeks, ({ expectedMinor }) => expectedMinor),
        weeks,
      };
    });
}

function countOf(rows: readonly OwedWeek[]): number {
  return sumOf(rows, ({ invoices }) => invoices);
}

function sumOf<item>(items: readonly item[], amountOf: (item: item) => number): number {
  return items.reduce((sum, item) => sum + amountOf(item), 0);
}
