import type { Listing } from '../listing.ts';
import type { AnyStatement } from '../statement-facts.ts';

interface NamedStatement {
  /** As the code calls it: `invoiceById`, or `choices.byDate`. */
  readonly name: string;
  readonly statement: AnyStatement;
}
interface NamedList {
  readonly name: string;
  readonly listing: Listing<unknown>;
}
interface Found {
  readonly statements: readonly NamedStatement[];
  readonly lists: readonly NamedList[];
}

/** What a table file has: its statements, those in records and arrays of them, and its lists. */
export function findStatements(exports: Readonly<Record<string, unknown>>): Found {
  const statements: NamedStatement[] = [];
  const lists: NamedList[] = [];
  const visit = (name: string, value: unknown) => {
    if (isStatement(value)) statements.push({ name, statement: value });
    else if (isListing(value)) lists.push({ name, listing: value });
    else if (isPlain(value)) {
      for (const [key, inner] of Object.entries(value)) {
        if (isStatement(inner)) statements.push({ name: `${name}.${key}`, statement: inner });
      }
    }
  };
  for (const [name, value] of Object.entries(exports)) visit(name, value);
  const unique = new Map(statements.map((one) => [one.statement, one]));
  return { statements: [...unique.values()], lists };
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isStatement(value: unknown): value is AnyStatement {
  if (!isPlain(value)) return false;
  const has = (key: string) => Object.hasOwn(value, key);
  return has('text') && has('order') && has('params') && has('row');
}

function isListing(value: unknown): value is Listing<unknown> {
  if (!isPlain(value) || !('def' in value) || !isPlain(value.def)) return false;
  return 'from' in value.def && 'fields' in value.def;
}

interface TableFile {
  readonly path: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

/** Those of a name: as the code calls it, as it stands in metrics, or behind its file: `PATH:NAME`. */
export function findByName(
  files: readonly TableFile[],
  name: string,
): { readonly path: string; readonly name: string; readonly statement: AnyStatement }[] {
  return files.flatMap(({ path, exports }) =>
    findStatements(exports)
      .statements.filter(
        (one) => one.name === name || one.statement.name === name || `${path}:${one.name}` === name,
      )
      .map((one) => ({ path, ...one })),
  );
}

/** Names in which the one that was asked for stands, or one of its words of four letters and more; at most five. */
export function findNear(files: readonly TableFile[], asked: string): string[] {
  const words = asked.match(/[A-Z]?[a-z]{3,}/gu) ?? [];
  const parts = [asked, ...words].map(toLetters).filter((part) => part.length > 3);
  // A name of its own has a dot; others are called by their hash in metrics.
  const names = files.flatMap(({ exports }) =>
    findStatements(exports).statements.map(({ name, statement }) =>
      statement.name.includes('.') ? statement.name : name,
    ),
  );
  const scored = [...new Set(names)].map((name) => {
    const letters = toLetters(name);
    return { name, score: parts.filter((part) => letters.includes(part)).length };
  });
  return scored
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1))
    .slice(0, 5)
    .map(({ name }) => name);
}

function toLetters(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z]/gu, '');
}
