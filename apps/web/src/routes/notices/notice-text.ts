import type { Formats } from '@plinth/ui/format';
import { money } from '@plinth/ui/format';
import type { IconName } from '@plinth/ui/core';
import type { Translate } from '@plinth/ui/i18n';

import type english from '../../../messages/en/notices.json';
import type { Notice } from './queries.ts';

type Words = Translate<Extract<keyof typeof english, string>>;

/** What a notice says, in the reader's language. */
export function noticeText({ type, values, count: n }: Notice, t: Words, formats: Formats): string {
  if (type === 'importFinished' && values['failed'] === 'true') return t('importFailed', values);
  if (type !== 'paymentReceived') return t(type, { ...values, n });
  const { amountMinor = '0', currency = '' } = values;
  return t(type, {
    ...values,
    n,
    amount: money({ minor: Number(amountMinor), currency }, formats),
  });
}

export function noticeIcon({ type }: Pick<Notice, 'type'>): IconName {
  return icons[type];
}

const icons: Readonly<Record<Notice['type'], IconName>> = {
  invoiceOverdue: 'alert',
  paymentReceived: 'payment',
  importFinished: 'transfer',
  roleChanged: 'shield',
  userJoined: 'person',
};

/** Where a notice leads: the thing, or the list where it stands for several. */
export function noticeHref({ type, objectType, objectId, values, count: n }: Notice): string {
  if (objectType === 'import') {
    return `/transfers/${values['kind'] === 'customers' ? 'customers' : 'invoices'}/${objectId}`;
  }
  if (objectType === 'user') return type === 'roleChanged' ? '/me' : '/settings/users';
  if (n > 1) return type === 'invoiceOverdue' ? '/invoices?f=status%3Ain%3Aoverdue' : '/payments';
  return objectType === 'invoice' ? `/invoices/${objectId}` : `/payments/${objectId}`;
}
