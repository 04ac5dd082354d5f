import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';

import { Button, Empty, ErrorState, Head, Panel, Skeleton, useWords } from '@plinth/ui/core';
import { useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/api-keys.json';
import { prefetch } from '../../data/queries.ts';
import { Forbidden } from '../../parts/forbidden.tsx';
import { SettingsTabs } from '../../parts/settings-tabs.tsx';
import { useCan } from '../../shell/session.tsx';
import { KeysList } from './keys-list.tsx';
import { keysQuery } from './queries.ts';

const KeyDialog = lazy(async () => {
  const module = await import('./key-dialog.tsx');
  return { default: module.KeyDialog };
});

export function data(): void {
  prefetch(keysQuery);
}

/** Keys of programs: what each may do, when it was used, and until when it holds. */
export function Page() {
  const can = useCan();
  return can('identity.admin') ? <Keys /> : <Forbidden permission="identity.admin" />;
}

function Keys() {
  const t = useWords(english);
  useTitle(t('title'));
  const [makes, setMakes] = useState(false);
  const keys = useQuery(keysQuery);
  const items = keys.data?.items;
  const button = (
    <Button look="primary" icon="plus" onClick={() => setMakes(true)}>
      {t('new')}
    </Button>
  );
  const isEmpty = items?.length === 0;
  return (
    <div className="page">
      <Head title={t('title')} actions={isEmpty ? undefined : button} />
      <SettingsTabs current="api" />
      {isEmpty ? (
        <Empty title={t('empty')} icon="lock" actions={button}>
          {t('empty_text')}
        </Empty>
      ) : (
        <div className="mt-4">
          <Panel title={t('keys')} flush>
            {keys.isPending && <Skeleton lines={5} />}
            {keys.isError && <ErrorState error={keys.error} onRetry={() => void keys.refetch()} />}
            {items !== undefined && <KeysList keys={items} />}
          </Panel>
        </div>
      )}
      {makes && (
        <Suspense fallback={null}>
          <KeyDialog onClose={() => setMakes(false)} />
        </Suspense>
      )}
    </div>
  );
}
