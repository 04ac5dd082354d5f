import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';

import { Button, ErrorState, Head, Panel, Skeleton, useWords } from '@plinth/ui/core';
import { useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/users.json';
import { prefetch } from '../../data/queries.ts';
import { Forbidden } from '../../parts/forbidden.tsx';
import { SettingsTabs } from '../../parts/settings-tabs.tsx';
import { useCan } from '../../shell/session.tsx';
import { InvitationsPanel } from './invitations-panel.tsx';
import { MembersTable } from './members-table.tsx';
import { invitationsQuery, usersQuery } from './queries.ts';

const InviteDialog = lazy(async () => {
  const module = await import('./invite-dialog.tsx');
  return { default: module.InviteDialog };
});

export function data(): void {
  prefetch(usersQuery);
  prefetch(invitationsQuery);
}

/** Who belongs to the company, with which role, and who is invited. */
export function Page() {
  const can = useCan();
  return can('identity.admin') ? <People /> : <Forbidden permission="identity.admin" />;
}

function People() {
  const t = useWords(english);
  useTitle(t('title'));
  const [invites, setInvites] = useState(false);
  const users = useQuery(usersQuery);
  return (
    <div className="page">
      <Head
        title={t('title')}
        count={users.data?.total.n}
        actions={
          <Button look="primary" icon="plus" onClick={() => setInvites(true)}>
            {t('invite')}
          </Button>
        }
      />
      <SettingsTabs current="users" />
      <div className="grid gap-4 mt-4">
        <Panel title={t('members')} flush>
          {users.isPending && <Skeleton lines={5} />}
          {users.isError && <ErrorState error={users.error} onRetry={() => void users.refetch()} />}
          {users.data !== undefined && <MembersTable members={users.data.items} />}
        </Panel>
        <InvitationsPanel />
      </div>
      {invites && (
        <Suspense fallback={null}>
          <InviteDialog onClose={() => setInvites(false)} />
        </Suspense>
      )}
    </div>
  );
}
