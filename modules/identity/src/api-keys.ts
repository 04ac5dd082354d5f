import type { Ctx } from '@plinth/core';
import { createApiKey as newApiKey, type ApiKey } from '@plinth/http';

import { apiKeys, findApiKey, insertApiKey, revokeApiKey, touchApiKey } from './api-keys-table.ts';
import { identity } from './contract.ts';
import { instantOf, systemContext, type IdentityNeeds } from './needs.ts';
import { grantable, keyPermissions } from './permissions.ts';
import { refused, userOf } from './problems.ts';

const lifeMsMax = 2 * 365 * 86_400_000;
const touchMs = 60_000;

interface NewKey {
  readonly name: string;
  readonly permissions: readonly string[];
  readonly expiresAt: string;
}

/** @throws {Problem} `identity.beyond_maker`, `identity.bad_expiry`. */
export async function createApiKey(
  needs: IdentityNeeds,
  ctx: Ctx,
  { name, permissions: asked, expiresAt }: NewKey,
): Promise<{ id: string; key: string }> {
  const createdBy = userOf(ctx);
  const permissions = [...new Set(asked)];
  const own = grantable(ctx.actor.permissions);
  const beyond = permissions.filter((permission) => !own.has(permission));
  if (beyond.length > 0) {
    const message = `A key cannot have what its maker has not: ${beyond.join(', ')}.`;
    throw refused('identity.beyond_maker', 'forbidden', message);
  }
  const nowMs = needs.clock.now();
  const endMs = Date.parse(expiresAt);
  if (!(endMs > nowMs && endMs <= nowMs + lifeMsMax)) {
    throw refused('identity.bad_expiry', 'invalid', 'A key ends within two years from now.');
  }
  const { key, id, secretHash } = newApiKey();
  await needs.database.write(ctx, async (tx) => {
    await tx.run(insertApiKey, {
      id,
      name,
      secretHash: Buffer.from(secretHash, 'hex'),
      permissions,
      createdBy,
      now: instantOf(nowMs),
      expiresAt: instantOf(endMs),
    });
    const body = { keyId: id, name, permissions };
    needs.messaging.outbox.publish(tx, identity.events.apiKeyCreated, body);
  });
  return { id, key };
}

export async function listApiKeys({ database }: IdentityNeeds, ctx: Ctx) {
  const rows = await database.many(ctx, apiKeys, {});
  return { items: rows.map((row) => ({ ...row, permissions: [...row.permissions] })) };
}

/** @throws {Problem} `identity.unknown_key`, also for one that was revoked before. */
export async function revokeKey(
  { database, messaging, clock }: IdentityNeeds,
  ctx: Ctx,
  id: string,
): Promise<Record<string, never>> {
  const now = instantOf(clock.now());
  await database.write(ctx, async (tx) => {
    if ((await tx.maybe(revokeApiKey, { id, now })) === undefined) {
      throw refused('identity.unknown_key', 'notFound', 'There is no such key.');
    }
    messaging.outbox.publish(tx, identity.events.apiKeyRevoked, { keyId: id });
  });
  return {};
}

/** What http asks for a key that it was given; one that was revoked, or whose maker left, is none. */
export async function findKey(needs: IdentityNeeds, id: string): Promise<ApiKey | undefined> {
  const outside = systemContext(needs, 'none');
  const found = await needs.database.maybe(outside, findApiKey, { id });
  if (found === undefined || found.revokedAt !== null || found.creatorRole === null) {
    return undefined;
  }
  touch(needs, found.tenantId, id);
  return {
    id,
    secretHash: Buffer.from(found.secretHash).toString('hex'),
    tenant: found.tenantId,
    permissions: keyPermissions(found.permissions, found.creatorRole),
    expiresMs: Date.parse(found.expiresAt),
  };
}

/** Nobody waits for it. A key that was guessed by its id alone is noted too: it changes nothing else. */
function touch(needs: IdentityNeeds, tenant: string, id: string): void {
  const nowMs = needs.clock.now();
  const times = { now: instantOf(nowMs), before: instantOf(nowMs - touchMs) };
  needs.database
    .run(systemContext(needs, tenant), touchApiKey, { id, ...times })
    .catch(() => undefined);
}
