import { type LineColumn, lineColumns, type LineText, newLine } from './draft-text.ts';

const quotedCell = /^"((?:[^"]|"")*)"(?=[\t\r\n]|$)/u;
const plainCell = /^[^\t\r\n]*/u;
const rowEnd = /^(?:\r\n|\r|\n)/u;

/** Cells of a spreadsheet's clipboard: tabs between, lines below; a quoted cell may hold both. */
export function parseCells(text: string): string[][] {
  const rows: string[][] = [[]];
  let rest = text;
  for (;;) {
    const { length, content } = nextCell(rest);
    rows.at(-1)?.push(content.trim());
    rest = rest.slice(length);
    if (rest === '') break;
    const end = rowEnd.exec(rest)?.[0];
    if (end !== undefined) rows.push([]);
    rest = rest.slice(end?.length ?? 1);
  }
  return rows.filter((cells) => cells.some((cell) => cell !== ''));
}

function nextCell(text: string): { readonly length: number; readonly content: string } {
  const [quoted, inside = ''] = quotedCell.exec(text) ?? [];
  if (quoted !== undefined) return { length: quoted.length, content: inside.replaceAll('""', '"') };
  const [content = ''] = plainCell.exec(text) ?? [];
  return { length: content.length, content };
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
  return [...lines.slice(0, row), ...pasted, ...lines.slice(row + pasted.length)].slice(
    0,
    linesMax,
  );
}
