import { type LineColumn, lineColumns, type LineText, newLine } from './draft-text.ts';

/** Cells of a spreadsheet's clipboard: tabs between, lines below; a quoted cell may hold both. */
export function parseCells(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^\t\r\n]*))(\t|\r\n|\n|\r|$)/gy;
  for (let at = 0; at <= text.length; at = cell.lastIndex) {
    cell.lastIndex = at;
    const found = cell.exec(text) ?? /([^\t]*)()()/u.exec(text.slice(at));
    const [whole = '', quoted, plain = '', end = ''] = found ?? [];
    row.push((quoted?.replaceAll('""', '"') ?? plain).trim());
    cell.lastIndex = at + Math.max(1, whole.length);
    if (end === '\t') continue;
    rows.push(row);
    row = [];
    if (end === '' || at + whole.length >= text.length) break;
  }
  return rows.filter((cells) => cells.some((content) => content !== ''));
}

/** True of what belongs into several cells; one cell's text is the field's own. */
export function isTable(text: string): boolean {
  return /[\t\n]./u.test(text.trim());
}

interface Target {
  readonly row: number;
  readonly column: LineColumn;
}

const linesMax = 2_000;

/**
 * The lines after a paste at a cell: to the end side and below, over what stands there, with new lines as needed.
 * What does not fit a column lands there all the same and is marked: nothing is dropped but columns past the last.
 */
export function pasteCells(
  lines: readonly LineText[],
  cells: readonly (readonly string[])[],
  { row, column }: Target,
): readonly LineText[] {
  const from = lineColumns.indexOf(column);
  const tax = lines[row]?.tax ?? lines.at(-1)?.tax ?? '';
  const pasted = cells.map((content, at): LineText => {
    const filled = content
      .slice(0, lineColumns.length - from)
      .map((text, offset) => [lineColumns[from + offset] ?? 'description', text]);
    return { ...(lines[row + at] ?? newLine(tax)), ...Object.fromEntries(filled) };
  });
  return [...lines.slice(0, row), ...pasted, ...lines.slice(row + pasted.length)].slice(0, linesMax);
}
