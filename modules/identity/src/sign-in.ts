import type { Ctx } from '@plinth/core';
import type { Transaction } from '@plinth/postgres';

import { accountById, saveLastTenant } from './accounts-table.ts';
import { checkCredentials } from './check-credentials.ts';
import { identity } from './contract.ts';
import { membershipsOf, saveMemberName } from './members-table.ts';
import type { IdentityNeeds } from './needs.ts';
import { rolePermissions } from './permissions.ts';
import { noTenant, sessionOf } from './problems.ts';
import { toMe, type Account, type Me, type Membership } from './who-am-i.ts';

export interface SignedIn {
  cookie: string | null;
  totpRequired: boolean;
  me: Me | null;
}
const codeMissing: SignedIn = { cookie: null, totpRequired: true, me: null };

interface SignIn {
  readonly email: string;
  readonly password: string;
  readonly code?: string | undefined;
  readonly tenant?: string | undefined;
}

/** @throws {Problem} those of `checkCredentials`; `identity.no_tenant`. */
export async function signIn(needs: IdentityNeeds, ctx: Ctx, input: SignIn): Promise<SignedIn> {
  const checked = await checkCredentials(needs, ctx, input);
  if (checked === 'totpRequired') return codeMissing;
  return beginSession(needs, ctx, { account: checked.account, tenant: input.tenant });
}

/**
 * Opens a session in one of the account's tenants: the one asked for, or the last, or the first by name.
 *
 * @throws {Problem} `identity.no_tenant`.
 */
export async function beginSession(
  needs: IdentityNeeds,
  ctx: Ctx,
  { account, tenant: wanted }: { readonly account: Account; readonly tenant?: string | undefined },
): Promise<SignedIn> {
  const { id: userId } = account;
  const memberships = await needs.database.many(ctx, membershipsOf, { userId });
  const place = choosePlace(memberships, wanted, account.lastTenantId);
  const { ip = '', userAgent = '' } = ctx.client ?? {};
  await needs.database.write(asMember(ctx, userId, place), async (tx) => {
    await noteArrival(tx, account, place);
    needs.messaging.outbox.publish(tx, identity.events.signedIn, { userId, ip, userAgent });
  });
  const tenant = place.tenantId;
  const level = account.totpSince === null ? 1 : 2;
  const { cookie } = await needs.sessions.create({ user: userId, tenant, level, userAgent, ip });
  const me = toMe(account, { memberships, tenant, nowMs: needs.clock.now() });
  return { cookie, totpRequired: false, me };
}

/** @throws {Problem} `identity.no_tenant`, `identity.needs_session`. */
export async function switchTenant(
  needs: IdentityNeeds,
  ctx: Ctx,
  tenant: string,
): Promise<{ cookie: string; me: Me }> {
  const { user: userId, session } = sessionOf(ctx);
  const { account, memberships } = await needs.database.read(ctx, async (reader) => ({
    account: await reader.one(accountById, { id: userId }),
    memberships: await reader.many(membershipsOf, { userId }),
  }));
  const place = choosePlace(memberships, tenant, null);
  await needs.database.write(asMember(ctx, userId, place), async (tx) => {
    await noteArrival(tx, account, place);
    const body = { userId, tenantId: tenant };
    needs.messaging.outbox.publish(tx, identity.events.tenantSwitched, body);
  });
  const { cookie } = await replaceSession(needs, ctx, { user: userId, session, tenant });
  needs.realtime.revoke({ session });
  const me = toMe(account, { memberships, tenant, nowMs: needs.clock.now() });
  return { cookie, me };
}

/** The same session under a new id, with the level that it had. */
export async function replaceSession(
  { sessions }: IdentityNeeds,
  { client }: Ctx,
  {
    user,
    session,
    tenant,
  }: { readonly user: string; readonly session: string; readonly tenant: string },
): Promise<{ cookie: string }> {
  const before = (await sessions.list(user)).find(({ id }) => id === session);
  return sessions.replace(session, {
    user,
    tenant,
    level: before?.level ?? 1,
    userAgent: client?.userAgent,
    ip: client?.ip,
  });
}

function choosePlace(
  memberships: readonly Membership[],
  wanted: string | undefined,
  last: string | null,
): Membership {
  const find = (id: string | null) => memberships.find(({ tenantId }) => tenantId === id);
  const place = wanted === undefined ? (find(last) ?? memberships[0]) : find(wanted);
  if (place === undefined) throw noTenant();
  return place;
}

/** A tenant's list of members shows the name that the account has now. */
async function noteArrival(tx: Transaction, account: Account, place: Membership): Promise<void> {
  await tx.run(saveLastTenant, { id: account.id, tenantId: place.tenantId });
  await tx.run(saveMemberName, { userId: account.id, name: account.name });
}

/** What follows is done by this person in this tenant. */
function asMember(ctx: Ctx, id: string, { tenantId, role }: Membership): Ctx {
  const actor = { kind: 'user', id, permissions: rolePermissions[role] } as const;
  return { ...ctx, tenant: tenantId, actor };
}
