/** A spreadsheet takes a cell that begins so for a formula. */
const formula = /^[=+\-@\t\r]/u;
const needsQuotes = /[",\r\n]/u;

/** One line of RFC 4180, UTF-8. Text that a spreadsheet would run gets a leading apostrophe; numbers do not. */
export function csvLine(values: readonly unknown[]): string {
  return `${values.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const guarded = formula.test(text) ? `'${text}` : text;
  return needsQuotes.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
