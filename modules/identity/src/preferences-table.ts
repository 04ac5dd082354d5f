import { z } from '@plinth/core/z';
import { sql, t } from '@plinth/postgres';

const entries = t.json(z.record(z.string(), z.string()));

export const preferencesOf = sql({ userId: t.uuid }, { version: t.int8n, entries })`
  select version, entries from identity.preference where user_id = ${'userId'}`;

/** Makes the row where there is none, and holds it. */
export const lockPreferences = sql({ userId: t.uuid }, { version: t.int8n, entries })`
  insert into identity.preference (user_id, version, entries)
  values (${'userId'}, 0, '{}')
  on conflict (user_id) do update set version = preference.version
  returning version, entries`;

export const savePreferences = sql({ userId: t.uuid, entries }, { version: t.int8n })`
  update identity.preference set entries = ${'entries'}, version = version + 1
  where user_id = ${'userId'}
  returning version`;
