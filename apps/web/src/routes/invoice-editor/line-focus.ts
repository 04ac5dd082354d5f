import type { LineColumn, LineText } from './draft-text.ts';

export function cellId(key: number, column: LineColumn): string {
  return `line-${key}-${column}`;
}

/** After the next drawing: a line that was just added is there then. */
export function focusCell(key: number, column: LineColumn): void {
  requestAnimationFrame(() => {
    const cell = document.getElementById(cellId(key, column));
    cell?.focus();
    if (cell instanceof HTMLInputElement) cell.select();
  });
}

/** The place of a fault: `lines.3.price`, `customer`, `dueDate`. */
export function focusPath(path: string, lines: readonly LineText[]): void {
  const [, at, column] = /^lines\.(\d+)\.(\w+)$/u.exec(path) ?? [];
  const line = lines[Number(at)];
  const id =
    line === undefined
      ? `field-${path === 'customer' ? 'customerId' : path}`
      : `line-${line.key}-${column ?? ''}`;
  requestAnimationFrame(() => document.getElementById(id)?.focus());
}
