const special = /[\\\t\n\r]/gu;
const escapes: Readonly<Record<string, string>> = {
  '\\': String.raw`\\`,
  '\t': String.raw`\t`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
};

/** One line of COPY's text format; null is `\N`. */
export function formatCopyRow(fields: readonly (string | null)[]): string {
  return `${fields.map(formatField).join('\t')}\n`;
}

function formatField(field: string | null): string {
  if (field === null) return String.raw`\N`;
  return field.replaceAll(special, (character) => escapes[character] ?? character);
}
