import { createZipf, type Random } from '@plinth/load';

import { createSeededIds, type SeededId } from './ids.ts';
import { article, choose, companyName, countries } from './names.ts';

const dayMs = 86_400_000;
const ppm = 1_000_000;
/** Of a year's turnover, by month: a quiet summer, a busy December. */
const seasons = [0.9, 0.95, 1.1, 1, 1, 1.05, 0.8, 0.7, 1.05, 1.1, 1.15, 1.2] as const;

export interface Customer {
  readonly id: SeededId;
  readonly number: string;
  readonly name: string;
  readonly country: string;
  readonly city: string;
  readonly currency: string;
  readonly taxPpm: number;
  readonly termDays: number;
  readonly createdMs: number;
}
export interface Line {
  readonly description: string;
  readonly quantityMicro: number;
  readonly unitPriceMinor: number;
  readonly taxPpm: number;
  readonly netMinor: number;
}
/** What became of an invoice, with the share of each in real books. */
export type Fate = 'on-time' | 'late' | 'partly' | 'credited' | 'never' | 'draft';
export interface Invoice {
  readonly id: SeededId;
  readonly customer: Customer;
  readonly number: string | null;
  readonly year: number;
  readonly issuedMs: number;
  readonly dueMs: number;
  readonly lines: readonly Line[];
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly grossMinor: number;
  readonly fate: Fate;
  /** Absent: nothing was paid. */
  readonly payment:
    | { readonly id: SeededId; readonly receivedMs: number; readonly amountMinor: number }
    | undefined;
  /** Absent: nothing was credited. */
  readonly creditNote:
    | { readonly id: SeededId; readonly number: string; readonly issuedMs: number }
    | undefined;
}

export interface BookOptions {
  readonly random: Random;
  /** Midnight UTC of the last day. */
  readonly todayMs: number;
  readonly days: number;
  readonly customers: number;
  readonly invoices: number;
  readonly home?: string | undefined;
}

export function* makeCustomers({
  random,
  todayMs,
  days,
  customers,
  home: own,
}: BookOptions): Generator<Customer> {
  const newId = createSeededIds(random);
  const drawn = choose(random, countries);
  const home = countries.find(({ code }) => code === own) ?? drawn;
  const startMs = todayMs - days * dayMs;
  for (let index = 1; index <= customers; index += 1) {
    // Most trade is at home.
    const country = random() < 0.6 ? home : choose(random, countries);
    const createdMs = startMs - Math.floor(random() * 365) * dayMs;
    yield {
      id: newId(createdMs),
      number: `K-${String(index).padStart(6, '0')}`,
      name: companyName(random, country),
      country: country.code,
      city: choose(random, country.cities),
      currency: country.currency,
      taxPpm: country.taxPpm,
      termDays: choose(random, [14, 30, 30, 30, 45, 60]),
      createdMs,
    };
  }
}

/** In the order of issue, so that numbers rise with the days: Zipf over customers, seasonal months. */
export function* makeInvoices(
  options: BookOptions,
  customers: readonly Customer[],
): Generator<Invoice> {
  const { random, todayMs, days, invoices } = options;
  const newId = createSeededIds(random);
  const rank = createZipf(customers.length, 0.8, random);
  const counters = new Map<string, number>();
  const weights = dayWeights(todayMs, days);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const next = (series: string, year: number) => {
    const count = (counters.get(`${series}-${year}`) ?? 0) + 1;
    counters.set(`${series}-${year}`, count);
    return `${series}-${year}-${String(count).padStart(6, '0')}`;
  };
  let made = 0;
  let due = 0;
  for (let day = 0; day < days; day += 1) {
    due += ((weights[day] ?? 0) / total) * invoices;
    const issuedMs = todayMs - (days - 1 - day) * dayMs;
    for (; made < Math.round(due); made += 1) {
      const customer = customers[rank()];
      if (customer === undefined) throw new TypeError('A tenant with invoices has customers.');
      const fate = drawFate(random, todayMs - issuedMs);
      yield makeInvoice({ random, newId, next, todayMs }, customer, issuedMs, fate);
    }
  }
}

function dayWeights(todayMs: number, days: number): Float64Array {
  return Float64Array.from({ length: days }, (_, index) => {
    const date = new Date(todayMs - (days - 1 - index) * dayMs);
    const isWeekend = date.getUTCDay() === 0 || date.getUTCDay() === 6;
    return (seasons[date.getUTCMonth()] ?? 1) * (isWeekend ? 0.1 : 1);
  });
}

function drawFate(random: Random, ageMs: number): Fate {
  const kind = random();
  if (ageMs < 20 * dayMs && kind < 0.15) return 'draft';
  if (kind < 0.7) return 'on-time';
  if (kind < 0.9) return 'late';
  if (kind < 0.95) return 'partly';
  return kind < 0.98 ? 'credited' : 'never';
}

interface Tools {
  readonly random: Random;
  readonly newId: (ms: number) => SeededId;
  readonly next: (series: string, year: number) => string;
  readonly todayMs: number;
}

function makeInvoice(tools: Tools, customer: Customer, dayOfIssueMs: number, fate: Fate): Invoice {
  const { random, newId, next, todayMs } = tools;
  const issuedMs = dayOfIssueMs + 28_800_000 + Math.floor(random() * 30_000_000);
  const year = new Date(issuedMs).getUTCFullYear();
  const dueMs = dayOfIssueMs + customer.termDays * dayMs;
  const lines = makeLines(random, customer.taxPpm);
  const netMinor = lines.reduce((sum, line) => sum + line.netMinor, 0);
  const taxMinor = roundHalfUp(netMinor * customer.taxPpm, ppm);
  const grossMinor = netMinor + taxMinor;
  const payMs = dayOfPayment(random, fate, dayOfIssueMs, dueMs);
  const isPaid = payMs !== undefined && payMs <= todayMs;
  const creditMs = dayOfIssueMs + 5 * dayMs;
  const isCredited = fate === 'credited' && creditMs <= todayMs;
  return {
    id: newId(issuedMs),
    customer,
    number: fate === 'draft' ? null : next('INV', year),
    year,
    issuedMs,
    dueMs,
    lines,
    netMinor,
    taxMinor,
    grossMinor,
    fate,
    payment: isPaid
      ? {
          id: newId(payMs),
          receivedMs: payMs,
          amountMinor:
            fate === 'partly'
              ? Math.max(1, Math.floor(grossMinor * (0.2 + random() * 0.6)))
              : grossMinor,
        }
      : undefined,
    creditNote: isCredited
      ? {
          id: newId(creditMs),
          number: next('CN', new Date(creditMs).getUTCFullYear()),
          issuedMs: creditMs,
        }
      : undefined,
  };
}

function dayOfPayment(
  random: Random,
  fate: Fate,
  issuedMs: number,
  dueMs: number,
): number | undefined {
  if (fate === 'on-time')
    return issuedMs + Math.ceil(((dueMs - issuedMs) / dayMs) * (0.4 + random() * 0.6)) * dayMs;
  if (fate === 'late') return dueMs + Math.ceil(1 + random() * 60) * dayMs;
  if (fate === 'partly') return dueMs + Math.ceil(random() * 20) * dayMs;
  return undefined;
}

function makeLines(random: Random, taxPpm: number): Line[] {
  const count = 1 + Math.floor(random() * 7);
  return Array.from({ length: count }, () => {
    const whole = 1 + Math.floor(random() * 12);
    const quantityMicro = random() < 0.2 ? whole * ppm + 500_000 : whole * ppm;
    const unitPriceMinor = logNormal(random, 8.2, 1.1);
    return {
      description: article(random),
      quantityMicro,
      unitPriceMinor,
      taxPpm,
      netMinor: roundHalfUp(quantityMicro * unitPriceMinor, ppm),
    };
  });
}

/** exp of a normal variate (Box–Muller): a few large prices among many small ones. */
function logNormal(random: Random, mean: number, deviation: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.max(1, Math.min(50_000_000, Math.round(Math.exp(mean + deviation * normal))));
}

/** Exact below 2^53, for amounts that are not negative. */
function roundHalfUp(product: number, unit: number): number {
  return Math.floor((product + unit / 2) / unit);
}
