import { toVersion } from '@plinth/contract';
import type { Ctx } from '@plinth/core';
import type { Transaction } from '@plinth/postgres';

import { identity } from './contract.ts';
import { countOwners, deleteMember, lockMember, saveRole } from './members-table.ts';
import { endSessionsOf } from './end-sessions.ts';
import type { IdentityNeeds } from './needs.ts';
import type { Role } from './permissions.ts';
import { checkVersion, lastOwner, unknownUser } from './problems.ts';
import { lockTenant } from './tenants-table.ts';

interface RoleChange {
  readonly id: string;
  readonly version?: string | undefined;
  readonly role: Role;
}

/** @throws {Problem} `identity.unknown_user`, `http.stale_version`, `identity.last_owner`. */
export async function changeRole(
  needs: IdentityNeeds,
  ctx: Ctx,
  { id, version: seen, role }: RoleChange,
): Promise<{ id: string; version: string; role: Role }> {
  return needs.database.write(ctx, async (tx) => {
    const member = await takeMember(tx, id);
    checkVersion(seen, member.version);
    if (member.role === role) return { id, version: toVersion(member.version), role };
    if (member.role === 'owner') await checkOtherOwner(tx);
    const saved = await tx.one(saveRole, { userId: id, role });
    const body = { userId: id, from: member.role, to: role };
    needs.messaging.outbox.publish(tx, identity.events.roleChanged, body);
    await endSessionsOf(needs, tx, id);
    return { id, version: toVersion(saved.version), role };
  });
}

/** @throws {Problem} `identity.unknown_user`, `identity.last_owner`. */
export async function removeUser(
  needs: IdentityNeeds,
  ctx: Ctx,
  id: string,
): Promise<Record<string, never>> {
  return needs.database.write(ctx, async (tx) => {
    const member = await takeMember(tx, id);
    if (member.role === 'owner') await checkOtherOwner(tx);
    await tx.run(deleteMember, { userId: id });
    const body = { userId: id, name: member.name };
    needs.messaging.outbox.publish(tx, identity.events.userLeft, body);
    await endSessionsOf(needs, tx, id);
    return {};
  });
}

/** Under the tenant's row: two owners cannot take each other's role at once. */
async function takeMember(tx: Transaction, userId: string) {
  await tx.one(lockTenant, {});
  const member = await tx.maybe(lockMember, { userId });
  if (member === undefined) throw unknownUser();
  return member;
}

async function checkOtherOwner(tx: Transaction): Promise<void> {
  const { n } = await tx.one(countOwners, {});
  if (n < 2) throw lastOwner();
}
