import { createHash } from 'node:crypto';

import type { Codecs, In, Out } from './codec.ts';
import type { Fragment, SqlTag, Statement, StatementOptions } from './statement.ts';

/**
 * A statement with visible SQL. A hole is the name of a parameter or a declared fragment; a name that
 * was not declared does not type-check, and there is no raw text.
 */
export const sql: SqlTag = Object.assign(
  <params extends Codecs, row extends Codecs>(
    params: params,
    row: row,
    options?: StatementOptions,
  ) =>
    (
      text: TemplateStringsArray,
      ...holes: readonly ((keyof params & string) | Fragment)[]
    ): Statement<In<params>, Out<row>> => {
      const order: string[] = [];
      const pieces = holes.map((hole, index) => {
        const before = text[index] ?? '';
        if (typeof hole !== 'string') return before + hole.fragment;
        if (!order.includes(hole)) order.push(hole);
        return `${before}$${order.indexOf(hole) + 1}`;
      });
      const whole = (pieces.join('') + (text.at(-1) ?? '')).trim();
      return {
        name: options?.name ?? statementId(whole),
        text: whole,
        order,
        params,
        row,
        options: options ?? {},
      };
    },
  { fragment: (text: TemplateStringsArray): Fragment => ({ fragment: text.join('') }) },
);

/** A name from the content: behind a pooler a counter's names would be other clients' statements. */
export function statementId(text: string): string {
  return `s_${createHash('sha256').update(text).digest('hex').slice(0, 20)}`;
}
