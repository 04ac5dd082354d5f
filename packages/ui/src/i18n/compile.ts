import { parseIcu, type Part } from './icu.ts';

/**
 * A message as JavaScript source: a string literal, or a function `(a, f) => …` of its arguments and the
 * runtime of `messages.ts`. Runs at build time, in Node.
 */
export function compileMessage(message: string): string {
  const parts = parseIcu(message);
  if (parts.every(({ type }) => type === 'text')) return JSON.stringify(textOf(parts));
  return `(a,f)=>${joined(parts, undefined)}`;
}

/** A catalogue as a module: its default export is id → message. */
export function compileCatalogue(catalogue: Readonly<Record<string, string>>): string {
  const entries = Object.entries(catalogue).map(
    ([id, message]) => `${JSON.stringify(id)}:${compileMessage(message)}`,
  );
  return `export default {${entries.join(',\n')}};\n`;
}

function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

function joined(parts: readonly Part[], counted: string | undefined): string {
  const sources = parts.map((part) => sourceOf(part, counted));
  return sources.length === 0 ? '""' : `""+${sources.join('+')}`;
}

function sourceOf(part: Part, counted: string | undefined): string {
  if (part.type === 'text') return JSON.stringify(part.text);
  if (part.type === 'count') return `f.n(${counted ?? '0'})`;
  if (part.type === 'argument') {
    return part.format === 'number' ? `f.n(a.${part.name})` : `f.t(a.${part.name})`;
  }
  return choice(part);
}

function choice(part: Extract<Part, { cases: unknown }>): string {
  const value = `a.${part.name}`;
  const cases = Object.entries(part.cases).map(
    ([key, parts]) =>
      `${JSON.stringify(key)}:()=>${joined(parts, part.type === 'select' ? undefined : value)}`,
  );
  return `f.${part.type}(${value},{${cases.join(',')}})`;
}
