import { toVersion } from '@plinth/contract';
import { Problem, type Clock, type Ctx } from '@plinth/core';
import type { Messaging } from '@plinth/messaging';
import type { Database } from '@plinth/postgres';

import { notifications } from './contract.ts';
import {
  countUnread,
  markAllRead,
  markRead,
  preferenceOf,
  savePreference,
} from './notices-table.ts';
import type { NoticeType } from './draft.ts';
import { noticeTypes } from './shapes.ts';

interface Needs {
  readonly database: Database;
  readonly messaging: Messaging;
  readonly clock: Clock;
}
interface Choice {
  readonly type: NoticeType;
  readonly inApp: boolean;
}

const unreadMax = 100;

/** @throws {Problem} `notifications.needs_user` for an API key, which has no notices. */
export function userOf({ actor }: Ctx): string {
  if (actor.kind === 'user') return actor.id;
  throw new Problem('Notices are a person’s.', {
    code: 'notifications.needs_user',
    kind: 'forbidden',
  });
}

export async function countOwnUnread({ database }: Needs, ctx: Ctx) {
  const { n } = await database.one(ctx, countUnread, { userId: userOf(ctx) });
  return { n: Math.min(n, unreadMax), more: n > unreadMax };
}

/** @throws {Problem} `notifications.unknown`, also for one of somebody else. */
export async function markNoticeRead({ database, messaging, clock }: Needs, ctx: Ctx, id: string) {
  const userId = userOf(ctx);
  const now = new Date(clock.now()).toISOString();
  return database.write(ctx, async (tx) => {
    const row = await tx.maybe(markRead, { id, userId, now });
    if (row === undefined) {
      throw new Problem('You have no such notice.', {
        code: 'notifications.unknown',
        kind: 'notFound',
      });
    }
    const body = { userId, noticeId: id, n: 1 };
    messaging.outbox.publish(tx, notifications.events.noticesRead, body);
    return { id, version: toVersion(row.version) };
  });
}

export async function markAllNoticesRead({ database, messaging, clock }: Needs, ctx: Ctx) {
  const userId = userOf(ctx);
  const now = new Date(clock.now()).toISOString();
  return database.write(ctx, async (tx) => {
    const marked = await tx.run(markAllRead, { userId, now });
    const body = { userId, noticeId: null, n: marked };
    messaging.outbox.publish(tx, notifications.events.noticesRead, body);
    return { marked };
  });
}

export async function getNoticePreferences({ database }: Needs, ctx: Ctx) {
  const found = await database.maybe(ctx, preferenceOf, { userId: userOf(ctx) });
  const off = new Set(found?.off);
  const items = noticeTypes.map((type) => ({ type, inApp: !off.has(type) }));
  return { version: toVersion(found?.version ?? 0), items };
}

export async function setNoticePreferences(
  { database, messaging }: Needs,
  ctx: Ctx,
  items: readonly Choice[],
) {
  const userId = userOf(ctx);
  const given = new Map(items.map(({ type, inApp }) => [type, inApp]));
  return database.write(ctx, async (tx) => {
    const before = await tx.maybe(preferenceOf, { userId });
    const was = new Set(before?.off);
    const off = noticeTypes.filter((type) => !(given.get(type) ?? !was.has(type)));
    const { version } = await tx.one(savePreference, { userId, off });
    messaging.outbox.publish(tx, notifications.events.preferencesChanged, { userId, off });
    return { version: toVersion(version) };
  });
}
