import { Problem } from '@plinth/core/problem';
import { ButtonLink, type ComponentChildren, Empty, ErrorState, useWords } from '@plinth/ui/core';

import english from '../../messages/en/page-failure.json';

interface PageFailureProps {
  readonly error: unknown;
  onRetry(): void;
  /** Where one goes on. */
  readonly list: { readonly href: string; readonly label: string };
}

/** In place of a page whose one thing is not there: not found, not allowed, or failed with Retry. */
export function PageFailure({ error, onRetry, list }: PageFailureProps) {
  const t = useWords(english);
  const { kind, context } = Problem.from(error);
  const back = <ButtonLink href={list.href}>{list.label}</ButtonLink>;
  if (kind === 'notFound' || kind === 'gone' || kind === 'invalid') {
    return (
      <Blank title={t('not_found')}>
        <Empty title={t('not_found')} icon="search" actions={back}>
          {t('not_found_text')}
        </Empty>
      </Blank>
    );
  }
  if (kind === 'forbidden') {
    const needed = context?.['permission'];
    const permission = typeof needed === 'string' ? needed : '';
    return (
      <Blank title={t('forbidden')}>
        <Empty title={t('forbidden')} icon="lock" actions={back}>
          {t('forbidden_text', { permission })}
        </Empty>
      </Blank>
    );
  }
  return (
    <Blank title={t('failed')}>
      <ErrorState title={t('failed')} error={error} onRetry={onRetry} />
    </Blank>
  );
}

interface BlankProps {
  readonly title: string;
  readonly children: ComponentChildren;
}

/** The page's h1 takes the focus after navigation, also where nothing is to see. */
function Blank({ title, children }: BlankProps) {
  return (
    <div className="page">
      <h1 className="sr" tabIndex={-1}>
        {title}
      </h1>
      {children}
    </div>
  );
}
