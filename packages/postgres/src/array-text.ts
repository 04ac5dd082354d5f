/** The server's text form of a one-dimensional array; an element that is null is NULL. */
export function formatArray(items: readonly (string | null)[]): string {
  return `{${items.map((item) => (item === null ? 'NULL' : quote(item))).join(',')}}`;
}

function quote(item: string): string {
  return `"${item.replaceAll(/["\\]/gu, String.raw`\$&`)}"`;
}

const element = /"((?:[^"\\]|\\.)*)"|([^",{}]+)/gsu;

/** Reads what `array_out` prints for one dimension. */
export function parseArray(text: string): (string | null)[] {
  return Array.from(text.matchAll(element), ([, quoted, bare]) => {
    if (quoted !== undefined) return quoted.replaceAll(/\\(.)/gsu, '$1');
    return bare === undefined || bare === 'NULL' ? null : bare;
  });
}
