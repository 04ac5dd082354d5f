import type { z } from '@plinth/core/z';
import type { notifications } from '@plinth/notifications';

import { queryOf } from '../../data/queries.ts';

export type Notice = z.output<typeof notifications.operations.listNotices.output>['items'][number];
export type Preferences = z.output<typeof notifications.operations.getNoticePreferences.output>;

const noticesMax = 100;

export const noticesQuery = (unreadOnly: boolean) =>
  queryOf('notifications', 'listNotices', {
    ...(unreadOnly ? { f: ['read:is:false'] } : {}),
    sort: '-createdAt',
    limit: noticesMax,
  });
export const preferencesQuery = queryOf('notifications', 'getNoticePreferences', {});
