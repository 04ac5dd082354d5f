import type { Issued, Line, PlacedLine } from './invoice.ts';
import { conflict, refused } from './problems.ts';
import { openOf, statusOf, type Status } from './status.ts';
import { formatQuantity, lineNet, totalsOf, type Totals } from './totals.ts';

export interface CreditLine extends Line {
  readonly netMinor: bigint;
  /** The position of the line that it corrects. */
  readonly creditsPosition: number;
}
/** Position → millionths that credit notes took off already; of a line's own sign. */
export type Credited = ReadonlyMap<number, bigint>;

export interface CreditRequest {
  readonly position: number;
  /** Millionths; undefined: all that is left of the line. */
  readonly quantityMicro: bigint | undefined;
}

/** A credit note over some of an invoice, and the invoice's amounts after it. */
export interface Credit {
  readonly lines: readonly CreditLine[];
  /** Negative. */
  readonly totals: Totals;
  readonly invoice: {
    readonly creditedMinor: bigint;
    readonly openMinor: bigint;
    readonly status: Exclude<Status, 'draft'>;
  };
}

/**
 * @param requests undefined: everything that is not credited yet.
 * @throws {Problem} `invoicing.not_creditable`, `invoicing.credit_exceeds`.
 */
export function creditOf(
  invoice: Issued,
  lines: readonly PlacedLine[],
  credited: Credited,
  requests: readonly CreditRequest[] | undefined,
): Credit {
  requireCreditable(invoice);
  const left = new Map(
    lines.map((line) => [line.position, line.quantityMicro - (credited.get(line.position) ?? 0n)]),
  );
  const taken = new Map<number, bigint>();
  for (const { position, quantityMicro } of requests ?? allOf(left)) {
    if (taken.has(position)) throw exceeds(position, 'stands twice in the request');
    taken.set(position, takeFrom(left, position, quantityMicro));
  }
  const creditLines = lines.flatMap((line) => {
    const quantityMicro = -(taken.get(line.position) ?? 0n);
    if (quantityMicro === 0n) return [];
    return [creditLine(line, quantityMicro)];
  });
  if (creditLines.length === 0) {
    throw conflict('invoicing.not_creditable', `${invoice.number} is credited in full.`);
  }
  const totals = totalsOf(
    creditLines.map(({ taxPpm }) => taxPpm),
    creditLines.map(({ netMinor }) => netMinor),
  );
  if (totals.grossMinor > 0n) {
    throw refused('invoicing.credit_exceeds', 'The lines add up to less than nothing.');
  }
  const isWhole = lines.every(
    ({ position }) => (left.get(position) ?? 0n) === (taken.get(position) ?? 0n),
  );
  return { lines: creditLines, totals, invoice: invoiceAfter(invoice, totals, isWhole) };
}

function requireCreditable({ kind, status, number }: Issued): void {
  if (kind === 'credit-note') {
    throw conflict('invoicing.not_creditable', `${number} is a credit note itself.`);
  }
  if (status === 'voided') {
    throw conflict('invoicing.not_creditable', `${number} is credited in full.`);
  }
}

function* allOf(left: ReadonlyMap<number, bigint>): Iterable<CreditRequest> {
  for (const [position, quantityMicro] of left) {
    if (quantityMicro !== 0n) yield { position, quantityMicro };
  }
}

function takeFrom(
  left: ReadonlyMap<number, bigint>,
  position: number,
  wanted: bigint | undefined,
): bigint {
  const rest = left.get(position);
  if (rest === undefined) throw exceeds(position, 'does not exist');
  const quantity = wanted ?? rest;
  const fits = rest < 0n ? quantity < 0n && quantity >= rest : quantity > 0n && quantity <= rest;
  if (!fits) throw exceeds(position, `has ${formatQuantity(rest)} left to credit`);
  return quantity;
}

function creditLine(line: PlacedLine, quantityMicro: bigint): CreditLine {
  const { description, unit, unitPriceMinor, taxPpm, position } = line;
  const netMinor = lineNet(quantityMicro, unitPriceMinor);
  const terms = { description, unit, unitPriceMinor, taxPpm };
  return { ...terms, quantityMicro, netMinor, creditsPosition: position };
}

/**
 * Parts of a line are rounded apart, so that they can add up to a unit more or less than the line. What is
 * credited in full is credited exactly; what is not, at most to the invoice's total.
 */
function invoiceAfter(invoice: Issued, totals: Totals, isWhole: boolean): Credit['invoice'] {
  const sum = invoice.creditedMinor - totals.grossMinor;
  const creditedMinor = isWhole || sum > invoice.grossMinor ? invoice.grossMinor : sum;
  const after = { ...invoice, creditedMinor };
  return { creditedMinor, openMinor: openOf(after), status: statusOf(after) };
}

function exceeds(position: number, why: string): Error {
  return refused('invoicing.credit_exceeds', `Line ${position} ${why}.`, [
    { pointer: '/lines', code: 'credit_exceeds', message: `Line ${position} ${why}.` },
  ]);
}
