import type { Problem } from '@plinth/core/problem';
import { Icon, useWords } from '@plinth/ui/core';

import english from '../../../messages/en/sign-in.json';

/** Why somebody was not let in. */
export function Failure({ problem }: { readonly problem: Problem | undefined }) {
  const t = useWords(english);
  if (problem === undefined) return null;
  return (
    <p className="fault" role="alert">
      <Icon name="alert" />
      {textOf(problem, t)}
    </p>
  );
}

function textOf(problem: Problem, t: ReturnType<typeof useWords<typeof english>>): string {
  if (problem.kind === 'unauthenticated') return t('wrong');
  if (problem.kind === 'rateLimited') {
    return t('wait', { s: Math.ceil((problem.retryAfterMs ?? 60_000) / 1_000) });
  }
  return problem.fields?.[0]?.message ?? problem.message;
}
