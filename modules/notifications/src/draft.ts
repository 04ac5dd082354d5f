import { customers } from '@plinth/customers';
import { identity } from '@plinth/identity';
import { invoicing } from '@plinth/invoicing';
import { isEvent, type Envelope } from '@plinth/messaging';
import { payments } from '@plinth/payments';

import type { noticeTypes } from './shapes.ts';

export type NoticeType = (typeof noticeTypes)[number];
type ObjectType = 'invoice' | 'payment' | 'import' | 'user';
type Role = 'owner' | 'accountant' | 'clerk' | 'viewer';

/** A notice before it is known who gets it. */
export interface Draft {
  readonly type: NoticeType;
  /** One user, or all of some roles but the one who did it. */
  readonly to:
    | { readonly user: string }
    | { readonly roles: readonly Role[]; readonly except: string };
  readonly objectType: ObjectType;
  readonly objectId: string;
  readonly values: Readonly<Record<string, string>>;
  readonly groupKey: string | null;
  readonly count: number;
}

const { invoiceOverdue } = invoicing.events;
const { paymentReceived } = payments.events;
const { roleChanged, userJoined } = identity.events;

/** What people are told of. */
export const toldEvents = [
  invoiceOverdue,
  paymentReceived,
  invoicing.events.importFinished,
  customers.events.importFinished,
  roleChanged,
  userJoined,
] as const;

const bookkeepers: readonly Role[] = ['owner', 'accountant'];
/** More payments at once than anybody reads one by one: they become one notice a day. */
const paymentsApartMax = 20;

/** What these events of one tenant give to tell, in their order; those of one group are one notice. */
export function draftNotices(envelopes: readonly Envelope[]): Draft[] {
  const isBulk = envelopes.filter((one) => isEvent(one, paymentReceived)).length > paymentsApartMax;
  const drafts = envelopes.flatMap((envelope) => draftOf(envelope, isBulk));
  const grouped = new Map<string, Draft>();
  return [
    ...drafts.filter(({ groupKey }) => groupKey === null),
    ...gather(drafts, grouped).values(),
  ];
}

function gather(drafts: readonly Draft[], grouped: Map<string, Draft>): Map<string, Draft> {
  for (const draft of drafts) {
    if (draft.groupKey === null) continue;
    const before = grouped.get(draft.groupKey);
    grouped.set(draft.groupKey, { ...draft, count: (before?.count ?? 0) + draft.count });
  }
  return grouped;
}

function draftOf(envelope: Envelope, isBulk: boolean): Draft[] {
  const except = envelope.actor?.id ?? '';
  if (isEvent(envelope, invoiceOverdue)) return [overdue(envelope)];
  if (isEvent(envelope, paymentReceived)) {
    const { body } = envelope;
    // Opening payments come with an import: its own notice tells of it.
    if (body.method === 'opening') return [];
    return [
      {
        type: 'paymentReceived',
        to: { roles: bookkeepers, except },
        objectType: 'payment',
        objectId: body.paymentId,
        values: {
          number: body.number,
          customer: body.customerName,
          amountMinor: String(body.amountMinor),
          currency: body.currency,
        },
        groupKey: isBulk ? `paymentReceived:${envelope.at.slice(0, 10)}` : null,
        count: 1,
      },
    ];
  }
  if (isEvent(envelope, roleChanged)) {
    const { userId, from, to } = envelope.body;
    return [{ ...aboutUser('roleChanged', userId, { from, to }), to: { user: userId } }];
  }
  if (isEvent(envelope, userJoined)) {
    // Made with the company itself: nobody joined anybody.
    if (envelope.actor?.kind === 'system') return [];
    const { userId, name, role } = envelope.body;
    const to = { roles: ['owner'] as const, except: userId };
    return [{ ...aboutUser('userJoined', userId, { name, role }), to }];
  }
  return importDraft(envelope);
}

function overdue({
  body,
  at,
}: Envelope<{ invoiceId: string; number: string | null; customerName: string }>): Draft {
  return {
    type: 'invoiceOverdue',
    to: { roles: bookkeepers, except: '' },
    objectType: 'invoice',
    objectId: body.invoiceId,
    values: { number: body.number ?? '', customer: body.customerName },
    groupKey: `invoiceOverdue:${at.slice(0, 10)}`,
    count: 1,
  };
}

function aboutUser(type: NoticeType, userId: string, values: Draft['values']) {
  return {
    type,
    objectType: 'user',
    objectId: userId,
    values,
    groupKey: null,
    count: 1,
  } as const;
}

/** Told to who started it. */
function importDraft(envelope: Envelope): Draft[] {
  const { actor } = envelope;
  if (actor?.kind !== 'user') return [];
  const base = {
    type: 'importFinished',
    to: { user: actor.id },
    objectType: 'import',
    groupKey: null,
    count: 1,
  } as const;
  if (isEvent(envelope, customers.events.importFinished)) {
    const { importId, fileName, created, changed, rejected, failed } = envelope.body;
    const counts = { created: String(created), changed: String(changed), bad: String(rejected) };
    const values = { kind: 'customers', fileName, ...counts, failed: String(failed) };
    return [{ ...base, objectId: importId, values }];
  }
  if (isEvent(envelope, invoicing.events.importFinished)) {
    const { importId, fileName, documents, badRows } = envelope.body;
    const values = { kind: 'invoices', fileName, created: String(documents), bad: String(badRows) };
    return [{ ...base, objectId: importId, values }];
  }
  return [];
}
