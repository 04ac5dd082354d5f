import type { Clock, NewId } from '@plinth/core';
import type { Delivery, Envelope, Messaging } from '@plinth/messaging';
import type { Channel, Invalidation } from '@plinth/realtime';

import { notifications } from './contract.ts';
import { draftNotices, type Draft } from './draft.ts';
import { insertNotices, recipientByUser, recipientsByRole } from './notices-table.ts';

export interface Sending {
  readonly messaging: Messaging;
  readonly channel: Channel<Invalidation>;
  readonly clock: Clock;
  readonly newId: NewId;
}

type Addressed = Draft & { readonly id: string; readonly userId: string };

/** Writes a notice for each who is to be told of these events, and tells those who look. */
export async function sendNotices(
  { messaging, channel, clock, newId }: Sending,
  envelopes: readonly Envelope[],
  { tx }: Pick<Delivery, 'tx'>,
): Promise<void> {
  const drafts = draftNotices(envelopes);
  const addressed: Addressed[] = [];
  for (const draft of drafts) {
    for (const userId of await recipientsOf(tx, draft)) {
      addressed.push({ ...draft, id: newId(), userId });
    }
  }
  if (addressed.length === 0) return;
  const now = new Date(clock.now()).toISOString();
  const sent = await tx.many(insertNotices, { ...toLists(addressed), now });
  for (const { id: noticeId, userId, type, objectId } of sent) {
    const body = { noticeId, userId, type, objectId };
    messaging.outbox.publish(tx, notifications.events.notificationSent, body);
  }
  const topic = notifications.events.notificationSent.name;
  for (const [user, notices] of Map.groupBy(sent, ({ userId }) => userId)) {
    await channel.publish({ user }, { topic, ids: notices.map(({ id }) => id) }, { tx });
  }
}

async function recipientsOf(tx: Delivery['tx'], { to, type }: Draft): Promise<string[]> {
  const rows =
    'user' in to
      ? await tx.many(recipientByUser, { userId: to.user, type })
      : await tx.many(recipientsByRole, { roles: to.roles, type, except: to.except });
  return rows.map(({ userId }) => userId);
}

function toLists(notices: readonly Addressed[]) {
  return {
    id: notices.map(({ id }) => id),
    userId: notices.map(({ userId }) => userId),
    type: notices.map(({ type }) => type),
    objectType: notices.map(({ objectType }) => objectType),
    objectId: notices.map(({ objectId }) => objectId),
    values: notices.map(({ values }) => values),
    groupKey: notices.map(({ groupKey }) => groupKey),
    count: notices.map(({ count }) => count),
  };
}
