/** The list of invoices of a currency under these clauses: what a figure counts. */
export function invoicesHref(currency: string, ...clauses: readonly string[]): string {
  const search = new URLSearchParams();
  for (const clause of [...clauses, `currency:in:${currency}`]) search.append('f', clause);
  return `/invoices?${search.toString()}`;
}
