import { useQuery } from '@tanstack/react-query';

import {
  Button,
  Chip,
  ErrorState,
  Icon,
  Panel,
  Skeleton,
  useLocale,
  useToast,
  useWords,
} from '@plinth/ui/core';
import { instant } from '@plinth/ui/format';

import english from '../../../messages/en/me.json';
import { client } from '../../data/client.ts';
import { invalidate, queryOf, useCommand } from '../../data/queries.ts';
import { deviceOf } from './device.ts';

export const sessionsQuery = queryOf('identity', 'listSessions', {});

/** Where one is signed in; each but this one can be ended from here. */
export function SessionsPanel() {
  const t = useWords(english);
  const toast = useToast();
  const { formats } = useLocale();
  const sessions = useQuery(sessionsQuery);
  const end = useCommand((id: string, options) => client.identity.revokeSession({ id }, options), {
    done() {
      toast({ text: t('revoked') });
      void invalidate('identity', 'listSessions');
    },
  });
  const time = (at: string) => instant(Date.parse(at), formats);
  return (
    <Panel title={t('sessions')} flush>
      {sessions.isPending && <Skeleton lines={4} />}
      {sessions.isError && (
        <ErrorState error={sessions.error} onRetry={() => void sessions.refetch()} />
      )}
      <ul className="list">
        {sessions.data?.items.map(({ id, userAgent, ip, current, seenAt, createdAt }) => {
          const device = deviceOf(userAgent) ?? t('unknown_device');
          return (
            <li key={id}>
              <Icon name="shield" />
              <div className="t">
                <span className="strong">{device}</span> <span className="muted num">{ip}</span>
                <small className="num">
                  {t('session_seen', { time: time(seenAt), begun: time(createdAt) })}
                </small>
              </div>
              {current ? (
                <Chip tone="ok">{t('this_session')}</Chip>
              ) : (
                <Button busy={end.busy} onClick={() => end.run(id)}>
                  {t('revoke')}
                  <span className="sr"> {device}</span>
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
