import { lazy, Suspense, useMemo, useState } from 'react';

import { Button, Empty, useWords } from '@plinth/ui/core';
import type { Clause } from '@plinth/ui/grid';

import english from '../../../messages/en/activity.json';
import { Forbidden } from '../../parts/forbidden.tsx';
import { ListPage } from '../../parts/list-page.tsx';
import { useCan } from '../../shell/session.tsx';
import { entryColumns } from './columns.ts';
import { EntryPreview } from './entry-preview.tsx';
import { actionName } from './names.ts';
import { entryApi, type EntryRow } from './rows.ts';

const VerifyDialog = lazy(async () => {
  const module = await import('./verify-dialog.tsx');
  return { default: module.VerifyDialog };
});

// Entries are made a moment after what they tell of: the trail reads the same events.
const topics = {
  changed: [],
  created: [],
  followed: ['invoicing.', 'payments.', 'customers.', 'identity.'],
};
const defaults = { filter: [], sort: [{ field: 'at', descending: true }], columns: [] };
const people: Clause = { field: 'actorKind', op: 'in', values: ['user', 'key'] };
const inModule = (module: string): Clause => ({ field: 'module', op: 'in', values: [module] });
const views = [
  { id: 'all', filter: [] },
  { id: 'people', filter: [people] },
  { id: 'invoicing', filter: [inModule('invoicing')] },
  { id: 'payments', filter: [inModule('payments')] },
  { id: 'customers', filter: [inModule('customers')] },
  { id: 'identity', filter: [inModule('identity')] },
] as const;

/** The audit trail: who did what, when, and whether it is as it was written. */
export function Page() {
  const can = useCan();
  return can('audit.read') ? <Trail /> : <Forbidden permission="audit.read" />;
}

function Trail() {
  const t = useWords(english);
  const [verifies, setVerifies] = useState(false);
  const columns = useMemo(() => entryColumns(t), [t]);
  const shownViews = useMemo(
    () => views.map(({ id, filter }) => ({ id, filter, label: t(`view_${id}`) })),
    [t],
  );
  return (
    <>
      <ListPage<EntryRow>
        title={t('title')}
        name="entries"
        api={entryApi}
        topics={topics}
        columns={columns}
        defaults={defaults}
        views={shownViews}
        rowName={({ action, seq }) => `${actionName(action)}, ${t('entry', { n: seq })}`}
        href={(id) => `/activity/${id}`}
        preview={previewOf}
        actions={
          <Button icon="shield" onClick={() => setVerifies(true)}>
            {t('verify')}
          </Button>
        }
        empty={
          <Empty title={t('empty')} icon="clock">
            {t('empty_text')}
          </Empty>
        }
      />
      {verifies && (
        <Suspense fallback={null}>
          <VerifyDialog onClose={() => setVerifies(false)} />
        </Suspense>
      )}
    </>
  );
}

function previewOf({ id }: EntryRow) {
  return { body: <EntryPreview id={id} /> };
}
