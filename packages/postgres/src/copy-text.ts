const hasSpecial = /[\\\t\n\r]/u;
const special = /[\\\t\n\r]/gu;
const escapes: Readonly<Record<string, string>> = {
  '\\': String.raw`\\`,
  '\t': String.raw`\t`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
};

/** One line of COPY's text format; null is `\N`. */
export function formatCopyRow(fields: readonly (string | null)[]): string {
  let line = '';
  let separator = '';
  for (const field of fields) {
    line += separator + (field === null ? String.raw`\N` : escapeField(field));
    separator = '\t';
  }
  return `${line}\n`;
}

/** Few fields hold any of them. */
function escapeField(field: string): string {
  if (!hasSpecial.test(field)) return field;
  return field.replaceAll(special, (character) => escapes[character] ?? character);
}
