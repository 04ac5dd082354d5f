import type { Customer, Invoice } from './books.ts';
import type { CopyRows } from './copy-rows.ts';
import type { SeededId } from './ids.ts';
import { TableWriter, type Written } from './table-writer.ts';

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

  #row(table: SeedTable): CopyRows {
    const writer = this.#writers.get(table);
    if (writer === undefined) throw new TypeError(`${table} is not open.`);
    return writer.row();
  }

  addCustomer(tenant: SeededId, customer: Customer): void {
    const { id, number, name, city, country, currency, termDays, createdMs } = customer;
    this.#row('customers.customer')
      .uuid(tenant)
      .uuid(id)
      .text(number)
      .text(name)
      .text(`accounts-${number.slice(2).toLowerCase()}@example.com`)
      .text(city)
      .text(country)
      .text(currency)
      .int4(termDays)
      .instant(createdMs)
      .instant(createdMs);
  }

  addInvoice(tenant: SeededId, invoice: Invoice, tallies: Tallies): void {
    const paid = invoice.payment?.amountMinor ?? 0;
    const credited = invoice.creditNote === undefined ? 0 : invoice.grossMinor;
    this.#addDocument(tenant, invoice, { paid, credited });
    this.#addLines(tenant, invoice.id, invoice, 1);
    tallies.invoices += 1;
    tallies.lines += invoice.lines.length;
    if (invoice.number !== null) count(tallies, invoice.number);
    if (invoice.payment !== undefined) this.#addPayment(tenant, invoice, tallies);
    if (invoice.creditNote !== undefined) this.#addCreditNote(tenant, invoice, tallies);
  }

  #addDocument(
    tenant: SeededId,
    invoice: Invoice,
    { paid, credited }: { readonly paid: number; readonly credited: number },
  ): void {
    const { customer, number, issuedMs, dueMs, grossMinor } = invoice;
    const isDraft = number === null;
    const isTold = dueMs < this.#todayMs && grossMinor - paid - credited > 0 && !isDraft;
    const sequence = paid > 0 ? 1 : 0;
    const row = this.#row('invoicing.invoice')
      .uuid(tenant)
      .uuid(invoice.id)
      .int4(1 + sequence)
      .text('invoice')
      .text(statusOf(invoice, paid, credited));
    if (isDraft) row.none().none();
    else row.text('INV').text(number);
    row
      .uuid(customer.id)
      .text(customer.name)
      .text(customer.currency)
      .day(issuedMs)
      .day(dueMs)
      .int8(invoice.netMinor)
      .int8(invoice.taxMinor)
      .int8(grossMinor)
      .int8(paid)
      .int8(credited)
      .none()
      .text('')
      .int4(sequence)
      .bool(isTold)
      .instant(issuedMs)
      .instant(issuedMs);
    if (isDraft) row.none();
    else row.instant(issuedMs);
  }

  #addLines(tenant: SeededId, documentId: SeededId, invoice: Invoice, sign: 1 | -1): void {
    let position = 0;
    for (const { description, quantityMicro, unitPriceMinor, taxPpm, netMinor } of invoice.lines) {
      position += 1;
      const row = this.#row('invoicing.line')
        .uuid(tenant)
        .uuid(documentId)
        .int4(position)
        .text(description)
        .int8(sign * quantityMicro)
        .int8(unitPriceMinor)
        .int4(taxPpm)
        .int8(sign * netMinor);
      if (sign === 1) row.none();
      else row.int4(position);
    }
  }

  #addPayment(tenant: SeededId, invoice: Invoice, tallies: Tallies): void {
    const { payment, customer } = invoice;
    if (payment === undefined) return;
    tallies.payments += 1;
    this.#row('payments.payment')
      .uuid(tenant)
      .uuid(payment.id)
      .text(`PAY-${String(tallies.payments).padStart(6, '0')}`)
      .uuid(customer.id)
      .text(customer.name)
      .day(payment.receivedMs)
      .text('transfer')
      .text('allocated')
      .text(customer.currency)
      .int8(payment.amountMinor)
      .int8(payment.amountMinor)
      .instant(payment.receivedMs)
      .instant(payment.receivedMs);
    this.#row('payments.allocation')
      .uuid(tenant)
      .uuid(payment.id)
      .uuid(invoice.id)
      .int8(payment.amountMinor)
      .instant(payment.receivedMs);
  }

  #addCreditNote(tenant: SeededId, invoice: Invoice, tallies: Tallies): void {
    const { creditNote, customer, netMinor, taxMinor, grossMinor } = invoice;
    if (creditNote === undefined) return;
    const { id, number, issuedMs } = creditNote;
    count(tallies, number);
    tallies.invoices += 1;
    tallies.lines += invoice.lines.length;
    this.#row('invoicing.invoice')
      .uuid(tenant)
      .uuid(id)
      .int4(1)
      .text('credit-note')
      .text('settled')
      .text('CN')
      .text(number)
      .uuid(customer.id)
      .text(customer.name)
      .text(customer.currency)
      .day(issuedMs)
      .day(issuedMs)
      .int8(-netMinor)
      .int8(-taxMinor)
      .int8(-grossMinor)
      .int8(0)
      .int8(-grossMinor)
      .uuid(invoice.id)
      .text('Goods returned')
      .int4(0)
      .bool(false)
      .instant(issuedMs)
      .instant(issuedMs)
      .instant(issuedMs);
    this.#addLines(tenant, id, invoice, -1);
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
