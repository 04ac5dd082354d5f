import { toVersion } from '@plinth/contract';
import { Problem, type FieldProblem } from '@plinth/core';

export function unknownInvoice(id: string): Problem {
  return new Problem(`There is no document ${id}.`, {
    code: 'invoicing.unknown',
    kind: 'notFound',
  });
}

export function notDraft(number: string): Problem {
  return new Problem(
    `It was issued as ${number} and does not change any more. Credit it instead.`,
    {
      code: 'invoicing.not_draft',
      kind: 'conflict',
      context: { number },
    },
  );
}

/** @param current the row's version as it is now. */
export function staleVersion(current: number): Problem {
  return new Problem('Somebody changed it meanwhile.', {
    code: 'http.stale_version',
    kind: 'stale',
    context: { current: toVersion(current) },
  });
}

export function refused(
  code: `invoicing.${string}`,
  message: string,
  fields: readonly FieldProblem[] = [],
): Problem {
  return new Problem(message, {
    code,
    kind: 'unprocessable',
    ...(fields.length === 0 ? {} : { fields }),
  });
}

export function conflict(code: `invoicing.${string}`, message: string): Problem {
  return new Problem(message, { code, kind: 'conflict' });
}
