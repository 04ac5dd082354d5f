import { loadModule, parseSync, type Node } from 'libpg-query';

/** `-- allow: rule why it holds here`, above its statement, or at the top for the whole file. */
export interface Allowance {
  readonly rule: string;
  readonly reason: string;
  readonly line: number;
}

export interface ParsedStatement {
  readonly node: Node;
  readonly line: number;
  readonly allowances: readonly Allowance[];
}

export interface ParsedFile {
  readonly statements: readonly ParsedStatement[];
  /** Those at the top: they hold for every statement. */
  readonly allowances: readonly Allowance[];
  /** The line, from 1, of a node's `location`, which counts bytes. */
  lineAt(location: number): number;
}

/** @throws {Error} of the server's own parser, with its words. */
export async function parseFile(sql: string): Promise<ParsedFile> {
  await loadModule();
  const bytes = Buffer.from(sql);
  const lineAt = (location: number) => bytes.subarray(0, location).toString().split('\n').length;
  const statements: ParsedStatement[] = [];
  let end = 0;
  for (const { stmt, stmt_location: from = 0, stmt_len: length } of parseSync(sql).stmts ?? []) {
    if (stmt === undefined) continue;
    // Where a statement begins, the parser may count its comments in or not.
    const text = bytes.subarray(end).toString();
    const lead = /^(?:[\s;]+|--[^\n]*|\/\*[\s\S]*?\*\/)*/u.exec(text)?.[0] ?? '';
    const firstLine = lineAt(end);
    const line = firstLine + lead.split('\n').length - 1;
    statements.push({ node: stmt, line, allowances: allowancesIn(lead, firstLine) });
    end = length === undefined ? bytes.length : from + length;
  }
  const header = /^(?:--.*\n)*/u.exec(sql)?.[0] ?? '';
  return { statements, allowances: allowancesIn(header, 1), lineAt };
}

function allowancesIn(lead: string, firstLine: number): Allowance[] {
  return lead.split('\n').flatMap((text, index) => {
    const [, rule = '', reason = ''] = /^\s*--\s*allow:\s*(\S+)\s*(.*)$/u.exec(text) ?? [];
    return rule === '' ? [] : [{ rule, reason: reason.trim(), line: firstLine + index }];
  });
}

/** Every node below, with the name of its kind. */
export function* walk(value: unknown): Iterable<readonly [kind: string, node: unknown]> {
  if (Array.isArray(value)) {
    for (const one of value) yield* walk(one);
  } else if (typeof value === 'object' && value !== null) {
    for (const [kind, inner] of Object.entries(value)) {
      yield [kind, inner];
      yield* walk(inner);
    }
  }
}

interface Relation {
  readonly schemaname?: string | undefined;
  readonly relname?: string | undefined;
}

/** `invoicing.invoice` */
export function nameOf(relation: Relation | undefined): string {
  return `${relation?.schemaname ?? 'public'}.${relation?.relname ?? ''}`;
}

/** The words of a qualified name. */
export function wordsOf(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).flatMap((node) =>
    'String' in node && node.String.sval !== undefined ? [node.String.sval] : [],
  );
}
