import type { Page, PageQuery, Row, Summary } from '../grid/index.ts';

/** A row of the fake list: what an invoice list shows. */
export interface FakeRow extends Row {
  readonly number: string;
  readonly customer: string;
  readonly issueDate: string;
  readonly dueDate: string;
  readonly status: 'draft' | 'issued' | 'partly-paid' | 'settled' | 'voided';
  readonly currency: string;
  readonly grossMinor: number;
  readonly openMinor: number;
}

export interface FakeListServer {
  page(query: PageQuery, signal?: AbortSignal): Promise<Page<FakeRow>>;
  rows(ids: readonly string[]): Promise<{ items: FakeRow[]; gone: string[] }>;
  summary(): Promise<Summary>;
  /** Puts a row before the first. @returns its id. */
  insert(): string;
  /** A row's version rises and it is settled. */
  change(id: string): void;
  remove(rank: number): void;
  /** The next calls fail. */
  fail(count: number): void;
  /** Each answer takes this long, ms. */
  delayMs: number;
  readonly calls: number;
}

const names = [
  'Bergmann Maschinenbau AG',
  'Brightwater Dental Group',
  'Hudson & Pike Supply',
  'Łódzkie Zakłady Szkła',
  'Moravia Textil a.s.',
  'Lindqvist Bygg AB',
  'Σταύρου Εμπορική ΑΕ',
  'Petit Marché Lyonnais',
  'Østerbro Cykler ApS',
  'Fjord Seafood AS',
  'Nordlicht Optik GmbH',
  'Tanaka Precision K.K.',
  'Oakline Interiors Inc.',
  'Havel & Söhne KG',
  'Rivera Hermanos S.L.',
  'Atelier Fournier SARL',
];
const states = [
  'draft',
  'issued',
  'issued',
  'issued',
  'partly-paid',
  'settled',
  'settled',
  'voided',
] as const;
const dayMs = 86_400_000;
const newestDay = Date.UTC(2026, 10, 23);

/**
 * A list of `n` synthetic rows in memory that speaks the list protocol: cursors are positions, rows are computed,
 * so a million take no memory. Rows come and go on demand.
 */
export function fakeListServer(n: number): FakeListServer {
  return new Fake(n);
}

class Fake implements FakeListServer {
  delayMs = 0;
  calls = 0;
  #failures = 0;
  /** Serial numbers: added ones are above `n`, removed ones leave a gap. */
  readonly #added: number[] = [];
  readonly #removed: number[] = [];
  readonly #versions = new Map<number, number>();
  readonly #n: number;

  constructor(n: number) {
    this.#n = n;
  }

  get #total(): number {
    return this.#n + this.#added.length - this.#removed.length;
  }

  async page(query: PageQuery, signal?: AbortSignal): Promise<Page<FakeRow>> {
    await this.#answer(signal);
    const begin = this.#beginOf(query);
    const end = Math.min(begin + query.limit, this.#total);
    const from = Math.max(0, begin);
    const items = Array.from({ length: Math.max(0, end - from) }, (_, at) =>
      this.#row(this.#serialAt(from + at)),
    );
    return {
      items,
      prev: from === 0 ? null : `${this.#serialAt(from)}`,
      next: end >= this.#total ? null : `${this.#serialAt(end - 1)}`,
      rank: { n: from, exact: true },
      total: { n: this.#total, exact: true },
    };
  }

  async rows(ids: readonly string[]): Promise<{ items: FakeRow[]; gone: string[] }> {
    await this.#answer();
    const serials = ids.map(serialOf);
    const gone = serials.filter((serial) => this.#removed.includes(serial));
    return {
      items: serials.filter((serial) => !gone.includes(serial)).map((serial) => this.#row(serial)),
      gone: gone.map(idOf),
    };
  }

  async summary(): Promise<Summary> {
    await this.#answer();
    const total = this.#total;
    return {
      total: { n: total, exact: true },
      sums: [
        { currency: 'EUR', amounts: { grossMinor: total * 123_456, openMinor: total * 41_208 } },
        { currency: 'USD', amounts: { grossMinor: 40_211_000, openMinor: 1_200_000 } },
        { currency: 'GBP', amounts: { grossMinor: 8_803_150, openMinor: 0 } },
      ],
      ruler: Array.from({ length: 64 }, (_, tick) => {
        const rank = Math.floor((tick * total) / 64);
        return { n: rank, key: total === 0 ? '' : this.#row(this.#serialAt(rank)).issueDate };
      }),
    };
  }

  insert(): string {
    const serial = this.#n + this.#added.length;
    this.#added.push(serial);
    return idOf(serial);
  }

  change(id: string): void {
    const serial = serialOf(id);
    this.#versions.set(serial, (this.#versions.get(serial) ?? 1) + 1);
  }

  remove(rank: number): void {
    this.#removed.push(this.#serialAt(rank));
    this.#removed.sort((a, b) => b - a);
  }

  fail(count: number): void {
    this.#failures = count;
  }

  async #answer(signal?: AbortSignal): Promise<void> {
    this.calls += 1;
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    signal?.throwIfAborted();
    if (this.#failures === 0) return;
    this.#failures -= 1;
    throw new TypeError('the fake server was told to fail');
  }

  #beginOf({ after, before, rank, around, limit }: PageQuery): number {
    if (after !== undefined) return this.#rankBelow(Number(after));
    if (before !== undefined) return this.#rankBelow(Number(before) + 1) - limit;
    if (around !== undefined) {
      return Math.max(0, this.#rankBelow(serialOf(around) + 1) - Math.floor(limit / 2));
    }
    return Math.min(rank ?? 0, Math.max(0, this.#total - 1));
  }

  /** The rank of the first row whose serial number is below this: the newest, the highest, comes first. */
  #rankBelow(serial: number): number {
    const newest = this.#n + this.#added.length - 1;
    return newest - serial + 1 - this.#removed.filter((removed) => removed >= serial).length;
  }

  #serialAt(rank: number): number {
    let serial = this.#n + this.#added.length - 1 - rank;
    for (const removed of this.#removed) if (removed >= serial) serial -= 1;
    return serial;
  }

  #row(serial: number): FakeRow {
    const issued = newestDay - Math.floor((this.#n - serial) / 40) * dayMs;
    const version = this.#versions.get(serial) ?? 1;
    const status = version > 1 ? 'settled' : (states[(serial * 7) % states.length] ?? 'issued');
    const grossMinor = 10_000 + ((serial * 7_919) % 1_900_000);
    const paid = status === 'settled' || status === 'voided';
    return {
      id: idOf(serial),
      version: version.toString(36),
      number: `INV-2026-${String(serial).padStart(6, '0')}`,
      customer: names[(serial * 13) % names.length] ?? '',
      issueDate: toDay(issued),
      dueDate: toDay(issued + 30 * dayMs),
      status,
      currency: serial % 17 === 0 ? 'USD' : 'EUR',
      grossMinor,
      openMinor: paid ? 0 : status === 'partly-paid' ? Math.floor(grossMinor / 3) : grossMinor,
    };
  }
}

function idOf(serial: number): string {
  return `01900000-0000-7000-8000-${serial.toString(16).padStart(12, '0')}`;
}

function serialOf(id: string): number {
  return Number.parseInt(id.slice(-12), 16);
}

function toDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
