import { Icon, type IconName, Panel, useLocale, useWords } from '@plinth/ui/core';
import { count } from '@plinth/ui/format';

import english from '../../../messages/en/dashboard.json';
import { useCan } from '../../shell/session.tsx';
import type { Dashboard } from './queries.ts';

interface Need {
  readonly word: 'need_overdue' | 'need_credit' | 'need_old_drafts' | 'need_drafts';
  readonly n: number;
  readonly icon: IconName;
  readonly tone?: 'danger';
  readonly href: string;
  readonly permission: string;
}

/** What waits for somebody, of all currencies; for who can do something about it. */
export function NeedsPanel({ needs }: { readonly needs: Dashboard['needsYou'] }) {
  const t = useWords(english);
  const can = useCan();
  const { formats } = useLocale();
  const shown = needsOf(needs).filter(({ n, permission }) => n > 0 && can(permission));
  return (
    <Panel
      title={t('needs_you')}
      span={5}
      flush={shown.length > 0}
      more={<span className="muted num">{count(shown.length, formats)}</span>}
    >
      {shown.length === 0 ? (
        <p className="muted">{t('nothing')}</p>
      ) : (
        <ul className="list">
          {shown.map(({ word, n, icon, tone, href }) => (
            <li key={word}>
              <Icon name={icon} tone={tone} />
              <div className="t">
                <a className="plain" href={href}>
                  {t(word, { n })}
                </a>
                <small>{t(`${word}_text`)}</small>
              </div>
              <Icon name="right" />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function needsOf(needs: Dashboard['needsYou']): readonly Need[] {
  const { overdueInvoices, unallocatedPayments, oldDrafts, drafts } = needs;
  const draftsHref = '/invoices?f=status%3Ain%3Adraft';
  return [
    {
      word: 'need_overdue',
      n: overdueInvoices,
      icon: 'alert',
      tone: 'danger',
      href: '/invoices?f=status%3Ain%3Aoverdue&sort=dueDate',
      permission: 'invoicing.read',
    },
    {
      word: 'need_credit',
      n: unallocatedPayments,
      icon: 'payment',
      href: '/payments?f=status%3Ain%3Aopen',
      permission: 'payments.read',
    },
    {
      word: 'need_old_drafts',
      n: oldDrafts,
      icon: 'clock',
      href: `${draftsHref}&sort=issueDate`,
      permission: 'invoicing.write',
    },
    {
      word: 'need_drafts',
      n: drafts - oldDrafts,
      icon: 'invoice',
      href: draftsHref,
      permission: 'invoicing.write',
    },
  ];
}
