/** Comments, quoted texts and names, dollar quotes, and the end of a statement. */
const token =
  /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$|;/gu;

/** The statements of a file that runs outside a transaction, one by one; comments alone are none. */
export function splitSql(text: string): string[] {
  const statements: string[] = [];
  let from = 0;
  for (const match of text.matchAll(token)) {
    if (match[0] !== ';') continue;
    statements.push(text.slice(from, match.index));
    from = match.index + 1;
  }
  statements.push(text.slice(from));
  return statements.map((one) => one.trim()).filter((one) => withoutComments(one) !== '');
}

function withoutComments(sql: string): string {
  return sql.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//gu, '').trim();
}
