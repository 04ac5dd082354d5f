import type { Clock } from '@plinth/core';

import { readDatabase } from './database.ts';
import { readMessages } from './messages.ts';
import { readOverview } from './overview.ts';
import type { Watch } from './watch.ts';

/** Answers what is asked for below `/api/`; undefined for another path. */
export async function answerApi(
  path: string,
  watch: Watch,
  clock: Pick<Clock, 'now'>,
): Promise<unknown> {
  if (path === 'now') return readOverview(watch, clock.now());
  if (path === 'database') return readDatabase(watch.windows);
  if (path === 'messages') return readMessages(watch.windows);
  if (path === 'traces') return watch.spans();
  const [, id] = /^traces\/([\da-f]{6,32})$/u.exec(path) ?? [];
  return id === undefined ? undefined : watch.spans(id);
}
