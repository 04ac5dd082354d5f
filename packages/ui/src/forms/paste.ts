/** Rows and cells of what a spreadsheet puts on the clipboard: tabs between cells, quotes around what has breaks. */
export function readTable(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^\t\r\n]*))(\t|\r\n|\n|\r|$)/uy;
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    if (found === null) break;
    row.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '');
    if (found[3] !== '\t') {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}
