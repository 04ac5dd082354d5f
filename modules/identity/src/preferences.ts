import { toVersion } from '@plinth/contract';
import type { Ctx } from '@plinth/core';

import { identity } from './contract.ts';
import type { IdentityNeeds } from './needs.ts';
import { lockPreferences, preferencesOf, savePreferences } from './preferences-table.ts';
import { refused, userOf } from './problems.ts';

const bytesMax = 65_536;

export async function getPreferences({ database }: IdentityNeeds, ctx: Ctx) {
  const found = await database.maybe(ctx, preferencesOf, { userId: userOf(ctx) });
  return { values: found?.entries ?? {}, version: toVersion(found?.version ?? 0) };
}

interface Change {
  readonly values: Readonly<Record<string, string>>;
  readonly remove?: readonly string[] | undefined;
}

/** @throws {Problem} `identity.preferences_too_large` when all together pass 64 KiB. */
export async function setPreferences(
  { database, messaging }: IdentityNeeds,
  ctx: Ctx,
  { values, remove = [] }: Change,
): Promise<{ version: string }> {
  const userId = userOf(ctx);
  return database.write(ctx, async (tx) => {
    const before = await tx.one(lockPreferences, { userId });
    const gone = new Set(remove);
    const kept = Object.entries({ ...before.entries, ...values }).filter(([key]) => !gone.has(key));
    const entries = Object.fromEntries(kept);
    if (Buffer.byteLength(JSON.stringify(entries)) > bytesMax) {
      throw refused(
        'identity.preferences_too_large',
        'tooLarge',
        'All preferences together have at most 64 KiB.',
      );
    }
    const { version } = await tx.one(savePreferences, { userId, entries });
    const keys = [...new Set([...Object.keys(values), ...remove])];
    messaging.outbox.publish(tx, identity.events.preferencesChanged, { userId, keys });
    return { version: toVersion(version) };
  });
}
