import {
  command,
  defineModule,
  event,
  get,
  id,
  listInput,
  pageOf,
  post,
  put,
  query,
  rowsInput,
  rowsOf,
  summaryInput,
  summaryOutput,
  version,
} from '@plinth/contract';
import { z } from '@plinth/core/z';

import { notice, noticeType } from './shapes.ts';

const self = 'notifications.self';

export const notifications = defineModule('notifications', {
  operations: {
    /** One's own, newest first. */
    listNotices: query({
      input: listInput,
      output: pageOf(notice),
      permission: self,
      http: get('/notices', { list: true }),
    }),
    summarizeNotices: query({
      input: summaryInput,
      output: summaryOutput,
      permission: self,
      http: get('/notices/summary'),
    }),
    noticeRows: query({
      input: rowsInput,
      output: rowsOf(notice),
      permission: self,
      http: get('/notices/rows'),
    }),
    countUnread: query({
      input: z.object({}),
      /** Counted up to 100. */
      output: z.object({ n: z.int(), more: z.boolean() }),
      permission: self,
      http: get('/notices/unread'),
    }),
    markRead: command({
      input: z.object({ id }),
      output: z.object({ id, version }),
      permission: self,
      errors: { 'notifications.unknown': 'notFound' },
      http: post('/notices/:id/read', { idempotency: 'optional' }),
    }),
    markAllRead: command({
      input: z.object({}),
      output: z.object({ marked: z.int() }),
      permission: self,
      http: post('/notices/read', { idempotency: 'optional' }),
    }),
    getNoticePreferences: query({
      input: z.object({}),
      output: z.object({
        version,
        items: z.array(z.object({ type: noticeType, inApp: z.boolean() })),
      }),
      permission: self,
      http: get('/notices/preferences', { etag: 'row' }),
    }),
    setNoticePreferences: command({
      input: z.object({
        items: z
          .array(z.object({ type: noticeType, inApp: z.boolean() }))
          .min(1)
          .max(20),
      }),
      output: z.object({ version }),
      permission: self,
      http: put('/notices/preferences', { idempotency: 'optional' }),
    }),
  },
  events: {
    notificationSent: event({
      schema: z.object({ noticeId: id, userId: id, type: noticeType, objectId: z.string() }),
      key: 'userId',
      order: 'none',
    }),
    noticesRead: event({
      schema: z.object({ userId: id, noticeId: id.nullable(), n: z.int() }),
      key: 'userId',
      order: 'none',
    }),
    preferencesChanged: event({
      schema: z.object({ userId: id, off: z.array(noticeType) }),
      key: 'userId',
      order: 'none',
    }),
  },
});
