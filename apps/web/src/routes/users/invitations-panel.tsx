import { useQuery } from '@tanstack/react-query';

import { Button, ErrorState, Icon, Panel, useLocale, useToast, useWords } from '@plinth/ui/core';
import { instant } from '@plinth/ui/format';

import english from '../../../messages/en/users.json';
import { client } from '../../data/client.ts';
import { invalidate, useCommand } from '../../data/queries.ts';
import { invitationsQuery } from './queries.ts';

/** Who has a link and has not come yet; nothing where nobody has. */
export function InvitationsPanel() {
  const t = useWords(english);
  const toast = useToast();
  const { formats } = useLocale();
  const invitations = useQuery(invitationsQuery);
  const revoke = useCommand(
    (id: string, options) => client.identity.revokeInvitation({ id }, options),
    {
      done() {
        toast({ text: t('revoked') });
        void invalidate('identity', 'listInvitations');
      },
    },
  );
  if (invitations.isError) {
    return <ErrorState error={invitations.error} onRetry={() => void invitations.refetch()} />;
  }
  const items = invitations.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Panel title={t('invitations')} flush>
      <ul className="list">
        {items.map(({ id, email, role, expiresAt }) => (
          <li key={id}>
            <Icon name="mail" />
            <div className="t">
              <span className="strong">{email}</span>{' '}
              <span className="muted">{t(`role_${role}`)}</span>
              <small className="num">
                {t('expires', { time: instant(Date.parse(expiresAt), formats) })}
              </small>
            </div>
            <Button busy={revoke.busy} onClick={() => revoke.run(id)}>
              {t('revoke')}
              <span className="sr"> {email}</span>
            </Button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
