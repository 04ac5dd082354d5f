import { Problem } from '@plinth/core/problem';
import { useWords } from '@plinth/ui/core';

import english from '../../messages/en/shell.json';
import { PageFailure } from './page-failure.tsx';

/** In place of a page that this person may not use: known before anything is asked for. */
export function Forbidden({ permission }: { readonly permission: string }) {
  const t = useWords(english);
  const error = new Problem('Forbidden.', {
    code: 'auth.forbidden',
    kind: 'forbidden',
    context: { permission },
  });
  return (
    <PageFailure
      error={error}
      onRetry={() => location.reload()}
      list={{ href: '/', label: t('to_dashboard') }}
    />
  );
}
