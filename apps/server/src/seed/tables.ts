import type { Customer, Invoice } from './books.ts';
import { cell, dayCell, instantCell, TableWriter, type Written } from './table-writer.ts';

/** Every table that a seed writes, with the columns in the order of its rows. */
export const columnsOf = {
  'customers.customer':
    'tenant_id, id, number, name, email, city, country, currency, term_days, created_at, changed_at',
  'invoicing.invoice':
    'tenant_id, id, version, kind, status, series, number, customer_id, customer_name, currency, issue_date, due_date, net_minor, tax_minor, gross_minor, paid_minor, credited_minor, credits_id, reason, payment_sequence, overdue_told, created_at, updated_at, issued_at',
  'invoicing.line':
    'tenant_id, invoice_id, position, description, quantity_micro, unit_price_minor, tax_ppm, net_minor, credits_position',
  'payments.payment':
    'tenant_id, id, number, customer_id, customer_name, received_on, method, status, currency, amount_minor, allocated_minor, created_at, updated_at',
  'payments.allocation': 'tenant_id, payment_id, invoice_id, amount_minor, allocated_at',
} as const;
export type SeedTable = keyof typeof columnsOf;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of the constant above
export const seedTables = Object.keys(columnsOf) as readonly SeedTable[];

export interface Tallies {
  invoices: number;
  lines: number;
  payments: number;
  /** `SERIES YEAR` → how many numbers were given. */
  readonly series: Map<string, number>;
}

/** Writes the books of tenants, one after another, each table on its own connection. */
export class Ledger {
  readonly #writers: ReadonlyMap<SeedTable, TableWriter>;
  #todayMs = 0;

  private constructor(writers: ReadonlyMap<SeedTable, TableWriter>) {
    this.#writers = writers;
  }

  static async open(loaderUrl: string, todayMs: number): Promise<Ledger> {
    const writers = new Map<SeedTable, TableWriter>();
    for (const table of seedTables) {
      writers.set(table, await TableWriter.open(loaderUrl, table, columnsOf[table]));
    }
    const ledger = new Ledger(writers);
    ledger.#todayMs = todayMs;
    return ledger;
  }

  #to(table: SeedTable): TableWriter {
    const writer = this.#writers.get(table);
    if (writer === undefined) throw new TypeError(`${table} is not open.`);
    return writer;
  }

  addCustomer(tenant: string, customer: Customer): void {
    const { id, number, name, city, country, currency, termDays, createdMs } = customer;
    const at = instantCell(createdMs);
    const email = `accounts-${number.slice(2).toLowerCase()}@example.com`;
    this.#to('customers.customer').add(
      `${tenant}\t${id}\t${number}\t${cell(name)}\t${email}\t${cell(city)}\t${country}\t${currency}\t${termDays}\t${at}\t${at}`,
    );
  }

  addInvoice(tenant: string, invoice: Invoice, tallies: Tallies): void {
    const paid = invoice.payment?.amountMinor ?? 0;
    const credited = invoice.creditNote === undefined ? 0 : invoice.grossMinor;
    const status = statusOf(invoice, paid, credited);
    this.#addDocument(tenant, invoice, { status, paid, credited });
    this.#addLines(tenant, invoice.id, invoice, 1);
    tallies.invoices += 1;
    tallies.lines += invoice.lines.length;
    if (invoice.number !== null) count(tallies, invoice.number);
    if (invoice.payment !== undefined) this.#addPayment(tenant, invoice, tallies);
    if (invoice.creditNote !== undefined) this.#addCreditNote(tenant, invoice, tallies);
  }

  #addDocument(
    tenant: string,
    invoice: Invoice,
    { status, paid, credited }: { status: string; paid: number; credited: number },
  ): void {
    const { id, customer, number, issuedMs, dueMs, netMinor, taxMinor, grossMinor } = invoice;
    const at = instantCell(issuedMs);
    const isDraft = number === null;
    const told = dueMs < this.#todayMs && grossMinor - paid - credited > 0 && !isDraft ? 't' : 'f';
    const sequence = paid > 0 ? 1 : 0;
    this.#to('invoicing.invoice').add(
      `${tenant}\t${id}\t${1 + sequence}\tinvoice\t${status}\t${isDraft ? '\\N' : 'INV'}\t${number ?? '\\N'}\t${customer.id}\t${cell(customer.name)}\t${customer.currency}\t${dayCell(issuedMs)}\t${dayCell(dueMs)}\t${netMinor}\t${taxMinor}\t${grossMinor}\t${paid}\t${credited}\t\\N\t\t${sequence}\t${told}\t${at}\t${at}\t${isDraft ? '\\N' : at}`,
    );
  }

  #addLines(tenant: string, documentId: string, invoice: Invoice, sign: 1 | -1): void {
    const writer = this.#to('invoicing.line');
    let position = 0;
    for (const { description, quantityMicro, unitPriceMinor, taxPpm, netMinor } of invoice.lines) {
      position += 1;
      writer.add(
        `${tenant}\t${documentId}\t${position}\t${cell(description)}\t${sign * quantityMicro}\t${unitPriceMinor}\t${taxPpm}\t${sign * netMinor}\t${sign === 1 ? '\\N' : position}`,
      );
    }
  }

  #addPayment(tenant: string, invoice: Invoice, tallies: Tallies): void {
    const { payment, customer } = invoice;
    if (payment === undefined) return;
    tallies.payments += 1;
    const at = instantCell(payment.receivedMs);
    const number = `PAY-${String(tallies.payments).padStart(6, '0')}`;
    this.#to('payments.payment').add(
      `${tenant}\t${payment.id}\t${number}\t${customer.id}\t${cell(customer.name)}\t${dayCell(payment.receivedMs)}\ttransfer\tallocated\t${customer.currency}\t${payment.amountMinor}\t${payment.amountMinor}\t${at}\t${at}`,
    );
    this.#to('payments.allocation').add(
      `${tenant}\t${payment.id}\t${invoice.id}\t${payment.amountMinor}\t${at}`,
    );
  }

  #addCreditNote(tenant: string, invoice: Invoice, tallies: Tallies): void {
    const { creditNote, customer, netMinor, taxMinor, grossMinor } = invoice;
    if (creditNote === undefined) return;
    const at = instantCell(creditNote.issuedMs);
    const day = dayCell(creditNote.issuedMs);
    count(tallies, creditNote.number);
    tallies.invoices += 1;
    tallies.lines += invoice.lines.length;
    this.#to('invoicing.invoice').add(
      `${tenant}\t${creditNote.id}\t1\tcredit-note\tsettled\tCN\t${creditNote.number}\t${customer.id}\t${cell(customer.name)}\t${customer.currency}\t${day}\t${day}\t${-netMinor}\t${-taxMinor}\t${-grossMinor}\t0\t${-grossMinor}\t${invoice.id}\tGoods returned\t0\tf\t${at}\t${at}\t${at}`,
    );
    this.#addLines(tenant, creditNote.id, invoice, -1);
  }

  /** Waits for the tables that are behind. */
  async flush(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.flush()));
  }

  commit(): Promise<Written[]> {
    return Promise.all([...this.#writers.values()].map((writer) => writer.commit()));
  }

  async abort(): Promise<void> {
    await Promise.allSettled([...this.#writers.values()].map((writer) => writer.abort()));
  }
}

function statusOf(invoice: Invoice, paid: number, credited: number): string {
  if (invoice.number === null) return 'draft';
  if (credited > 0) return 'voided';
  if (paid >= invoice.grossMinor) return 'settled';
  return paid > 0 ? 'partly-paid' : 'issued';
}

/** `INV-2026-000123` → one more of `INV 2026`. */
function count({ series }: Tallies, number: string): void {
  const [code = '', year = ''] = number.split('-');
  const place = `${code} ${year}`;
  series.set(place, (series.get(place) ?? 0) + 1);
}
