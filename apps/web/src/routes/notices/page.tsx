import { useQuery } from '@tanstack/react-query';

import {
  Button,
  Empty,
  ErrorState,
  Head,
  Icon,
  Panel,
  Skeleton,
  Tabs,
  useLocale,
  useWords,
} from '@plinth/ui/core';
import { instant } from '@plinth/ui/format';
import { type PageProps, useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/notices.json';
import { client } from '../../data/client.ts';
import { invalidate, prefetch, useCommand } from '../../data/queries.ts';
import { noticeHref, noticeIcon, noticeText } from './notice-text.ts';
import { PreferencesPanel } from './preferences-panel.tsx';
import { type Notice, noticesQuery, preferencesQuery } from './queries.ts';

export function data({ search }: PageProps): void {
  prefetch(noticesQuery(search.get('view') === 'unread'));
  prefetch(preferencesQuery);
}

/** What one is told of, the newest first, and what one wants to be told. */
export function Page({ search }: PageProps) {
  const t = useWords(english);
  useTitle(t('title'));
  const unreadOnly = search.get('view') === 'unread';
  const notices = useQuery(noticesQuery(unreadOnly));
  const all = useCommand((_: undefined, options) => client.notifications.markAllRead({}, options), {
    done: () => void invalidate('notifications'),
  });
  const hasUnread = notices.data?.items.some(({ read }) => !read) === true;
  return (
    <div className="page">
      <Head
        title={t('title')}
        actions={
          hasUnread && (
            <Button icon="check" busy={all.busy} onClick={() => all.run(undefined)}>
              {t('mark_all')}
            </Button>
          )
        }
      />
      <Tabs
        label={t('title')}
        tabs={[
          { href: '/notices', label: t('view_all') },
          { href: '/notices?view=unread', label: t('view_unread') },
        ]}
        current={unreadOnly ? '/notices?view=unread' : '/notices'}
      />
      <div className="detail">
        <div className="min-w-0">
          {notices.isError && (
            <ErrorState error={notices.error} onRetry={() => void notices.refetch()} />
          )}
          {notices.isPending && <Skeleton lines={8} />}
          {notices.data !== undefined && (
            <Notices items={notices.data.items} unreadOnly={unreadOnly} />
          )}
        </div>
        <div className="rail">
          <PreferencesPanel />
        </div>
      </div>
    </div>
  );
}

interface NoticesProps {
  readonly items: readonly Notice[];
  readonly unreadOnly: boolean;
}

function Notices({ items, unreadOnly }: NoticesProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const read = useCommand(
    (id: string, options) => client.notifications.markRead({ id }, options),
    // Of a click on the way out: the page it leads to matters more.
    { done: () => void invalidate('notifications'), failed: () => undefined },
  );
  if (items.length === 0) {
    return (
      <Empty title={t(unreadOnly ? 'none_unread' : 'none')} icon="bell">
        {t('none_text')}
      </Empty>
    );
  }
  return (
    <Panel title={t(unreadOnly ? 'view_unread' : 'view_all')} flush>
      <ul className="list">
        {items.map((notice) => (
          <li key={notice.id}>
            <Icon
              name={noticeIcon(notice)}
              tone={notice.type === 'invoiceOverdue' ? 'danger' : undefined}
            />
            <div className="t">
              <a
                className={notice.read ? 'text-muted' : 'plain'}
                href={noticeHref(notice)}
                onClick={() => {
                  if (!notice.read) read.run(notice.id);
                }}
              >
                <bdi>{noticeText(notice, t, formats)}</bdi>
              </a>
              <small className="num">{instant(Date.parse(notice.createdAt), formats)}</small>
            </div>
            {!notice.read && (
              <span className="live">
                <i />
                <span className="sr">{t('unread')}</span>
              </span>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
