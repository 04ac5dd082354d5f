import { useQuery } from '@tanstack/react-query';

import { Head, Panel, Skeleton, useWords } from '@plinth/ui/core';
import { type PageProps, useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/activity.json';
import { queryOf } from '../../data/queries.ts';
import { PageFailure } from '../../parts/page-failure.tsx';
import { EntryPreview } from './entry-preview.tsx';
import { actionName } from './names.ts';

/** One entry of the trail. */
export function Page({ params }: PageProps) {
  const t = useWords(english);
  const id = params['id'] ?? '';
  const entry = useQuery(queryOf('audit', 'getEntry', { id }));
  useTitle(entry.data === undefined ? t('title') : actionName(entry.data.action));
  if (entry.isError) {
    return (
      <PageFailure
        error={entry.error}
        onRetry={() => void entry.refetch()}
        list={{ href: '/activity', label: t('title') }}
      />
    );
  }
  return (
    <div className="page">
      <Head
        title={entry.data === undefined ? t('title') : actionName(entry.data.action)}
        crumbs={[{ label: t('title'), href: '/activity' }]}
      />
      <div className="mt-4">
        {entry.data === undefined ? (
          <Skeleton lines={8} />
        ) : (
          <Panel title={t('entry', { n: entry.data.seq })}>
            <div className="grid gap-4">
              <EntryPreview id={id} />
            </div>
          </Panel>
        )}
      </div>
    </div>
  );
}
