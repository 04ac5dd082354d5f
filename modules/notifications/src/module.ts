import { implement, toVersion, type Implementation } from '@plinth/contract';
import type { Clock, Ctx, NewId } from '@plinth/core';
import { z } from '@plinth/core/z';
import type { Messaging } from '@plinth/messaging';
import type { Context, Database, Migrations } from '@plinth/postgres';
import { defineChannel, type Invalidation, type Realtime } from '@plinth/realtime';

import { notifications } from './contract.ts';
import { toldEvents } from './draft.ts';
import { noticeList } from './notices-table.ts';
import {
  countOwnUnread,
  getNoticePreferences,
  markAllNoticesRead,
  markNoticeRead,
  setNoticePreferences,
  userOf,
} from './read-notices.ts';
import { sendNotices } from './send-notices.ts';

export interface NotificationsNeeds {
  readonly database: Database;
  readonly messaging: Messaging;
  readonly realtime: Realtime;
  readonly clock: Clock;
  readonly newId: NewId;
  /** The tenant's day and zone: module identity knows them. */
  calendar(context: Context): Promise<{ readonly today: string; readonly zone: string }>;
}

export const migrations: Migrations = {
  module: 'notifications',
  folder: new URL('../migrations/', import.meta.url),
};

/** What concerns one person, wherever they look. */
export const userChannel = defineChannel<Invalidation>({
  pattern: 'u/{user}',
  schema: z.object({ topic: z.string(), ids: z.array(z.string()).optional() }),
  authorize: (auth, { user }) => auth.user === user,
});

/** Registers its subscription and its channel on what it is given. */
export function createNotifications(
  needs: NotificationsNeeds,
): Implementation<typeof notifications> {
  const { database, messaging } = needs;
  const sending = { ...needs, channel: needs.realtime.channel(userChannel) };
  messaging.subscribe({
    name: 'notifications.notices',
    event: toldEvents,
    handle: (envelope, delivery) => sendNotices(sending, [envelope], delivery),
    handleBatch: (envelopes, delivery) => sendNotices(sending, envelopes, delivery),
  });

  /** Whatever else is asked for: one's own notices. */
  const own = async <query extends { f?: string[] | undefined }>(ctx: Ctx, input: query) => ({
    ...input,
    ...(await needs.calendar(ctx)),
    f: [...(input.f ?? []), `user:in:${userOf(ctx)}`],
  });
  return implement(notifications, {
    async listNotices(ctx, input) {
      const page = await database.page(ctx, noticeList, await own(ctx, input));
      return { ...page, items: page.items.map(toWire) };
    },
    summarizeNotices: async (ctx, input) =>
      database.summary(ctx, noticeList, await own(ctx, input)),
    async noticeRows(ctx, input) {
      const rows = await database.rows(ctx, noticeList, await own(ctx, input));
      return { ...rows, items: rows.items.map(toWire) };
    },
    countUnread: (ctx) => countOwnUnread(needs, ctx),
    markRead: (ctx, { id }) => markNoticeRead(needs, ctx, id),
    markAllRead: (ctx) => markAllNoticesRead(needs, ctx),
    getNoticePreferences: (ctx) => getNoticePreferences(needs, ctx),
    setNoticePreferences: (ctx, { items }) => setNoticePreferences(needs, ctx, items),
  });
}

function toWire<row extends { readonly version: number }>(row: row) {
  return { ...row, version: toVersion(row.version) };
}
