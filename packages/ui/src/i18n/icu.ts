/** A message taken apart: texts and what stands between them. */
export type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'argument'; readonly name: string; readonly format: 'text' | 'number' }
  | { readonly type: 'count' }
  | {
      readonly type: 'plural' | 'ordinal' | 'select';
      readonly name: string;
      readonly cases: Readonly<Record<string, readonly Part[]>>;
    };

/**
 * Reads ICU MessageFormat: `{name}`, `{n, number}`, `{n, plural, =0 {none} one {# row} other {# rows}}`,
 * `selectordinal`, `select`; an apostrophe quotes braces, two are one.
 *
 * @throws {SyntaxError} naming the place. It runs at build time: a bad message fails the build.
 */
export function parseIcu(message: string): Part[] {
  const reader = new Reader(message);
  const parts = readParts(reader, false);
  if (!reader.ended) reader.refuse('a } without its {');
  return parts;
}

class Reader {
  at = 0;
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  get ended(): boolean {
    return this.at >= this.text.length;
  }

  get next(): string {
    return this.text.charAt(this.at);
  }

  /** The next character that is no space. */
  get nextSign(): string {
    while (/\s/u.test(this.next)) this.at += 1;
    return this.next;
  }

  /** Takes what the pattern, anchored here, matches; spaces before it are skipped. */
  take(pattern: RegExp, expected: string): string {
    const anchored = new RegExp(`\\s*(${pattern.source})`, 'uy');
    anchored.lastIndex = this.at;
    const found = anchored.exec(this.text);
    if (found?.[1] === undefined) return this.refuse(`expected ${expected}`);
    this.at = anchored.lastIndex;
    return found[1];
  }

  refuse(reason: string): never {
    throw new SyntaxError(`${reason} at ${this.at} in: ${this.text}`);
  }
}

function readParts(reader: Reader, counted: boolean): Part[] {
  const parts: Part[] = [];
  let text = '';
  const flush = () => {
    if (text !== '') parts.push({ type: 'text', text });
    text = '';
  };
  while (!reader.ended && reader.next !== '}') {
    if (reader.next === '{') {
      flush();
      parts.push(readArgument(reader));
    } else if (reader.next === '#' && counted) {
      flush();
      parts.push({ type: 'count' });
      reader.at += 1;
    } else {
      text += readText(reader);
    }
  }
  flush();
  return parts;
}

/** One character, or what an apostrophe quotes. */
function readText(reader: Reader): string {
  const { text, at } = reader;
  const quoted = /'(?:'|(?=[{}#])((?:[^']|'')*)')/uy;
  quoted.lastIndex = at;
  const found = quoted.exec(text);
  if (found === null) {
    reader.at += 1;
    return text.charAt(at);
  }
  reader.at = quoted.lastIndex;
  return found[1]?.replaceAll("''", "'") ?? "'";
}

function readArgument(reader: Reader): Part {
  reader.take(/\{/u, '{');
  const name = reader.take(/\w+/u, 'a name');
  if (reader.nextSign === '}') {
    reader.at += 1;
    return { type: 'argument', name, format: 'text' };
  }
  reader.take(/,/u, 'a comma');
  const format = reader.take(/number|plural|selectordinal|select/u, 'a format');
  if (format === 'number') {
    reader.take(/\}/u, '}');
    return { type: 'argument', name, format };
  }
  reader.take(/,/u, 'a comma');
  const type = format === 'selectordinal' ? 'ordinal' : format === 'plural' ? 'plural' : 'select';
  const cases = readCases(reader, type !== 'select');
  return { type, name, cases };
}

function readCases(reader: Reader, counted: boolean): Record<string, Part[]> {
  const cases: Record<string, Part[]> = {};
  while (reader.nextSign !== '}') {
    const key = reader.take(/=\d+|\w+/u, 'a case');
    reader.take(/\{/u, '{');
    cases[key] = readParts(reader, counted);
    reader.take(/\}/u, '}');
  }
  reader.at += 1;
  if (cases['other'] === undefined) reader.refuse('the case `other` is missing');
  return cases;
}
