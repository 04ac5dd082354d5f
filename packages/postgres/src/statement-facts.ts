import type { StatementClass } from './metrics.ts';
import { statementId } from './sql.ts';
import type { Statement } from './statement.ts';

/** A statement with any parameters and rows. */
export type AnyStatement = Pick<
  Statement<never, unknown>,
  'name' | 'text' | 'order' | 'params' | 'row' | 'options'
>;

interface Facts {
  /** Undefined: parsed and planned anew each time. */
  readonly preparedName: string | undefined;
  readonly class: StatementClass;
  readonly writes: boolean;
}

const writing =
  /\b(?:insert\s+into|update\s+[\w."]+(?:\s+(?:as\s+)?\w+)?\s+set|delete\s+from|merge\s+into|for\s+(?:no\s+key\s+)?update|for\s+(?:key\s+)?share)\b/iu;
const facts = new WeakMap<AnyStatement, Facts>();

/** What is read once from a statement's text. */
export function factsOf(statement: AnyStatement): Facts {
  const known = facts.get(statement);
  if (known !== undefined) return known;
  const writes = writing.test(statement.text);
  const { hot = false, prepared = true } = statement.options;
  // The server keeps one plan of a statement without parameters, made for the tenant that came first.
  const isPrepared = hot || (prepared && statement.order.length > 0);
  const found: Facts = {
    preparedName: isPrepared ? statementId(statement.text) : undefined,
    class: writes ? 'write' : (statement.options.class ?? 'simple'),
    writes,
  };
  facts.set(statement, found);
  return found;
}
