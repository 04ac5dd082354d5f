import { toVersion } from '@plinth/contract';
import type { Ctx } from '@plinth/core';
import type { Statement } from '@plinth/postgres';
import type { z } from '@plinth/core/z';

import { accountById } from './accounts-table.ts';
import { membershipsOf } from './members-table.ts';
import type { IdentityNeeds } from './needs.ts';
import { rolePermissions } from './permissions.ts';
import { noTenant, unknownUser, userOf } from './problems.ts';
import type { me } from './shapes.ts';
import { dayIn } from './tenant-day.ts';

export type RowOf<statement> = statement extends Statement<infer _params, infer row> ? row : never;
export type Account = RowOf<typeof accountById>;
export type Membership = RowOf<typeof membershipsOf>;
export type Me = z.output<typeof me>;

/** @throws {Problem} `identity.no_tenant` for one who was removed a moment ago. */
export async function whoAmI(needs: IdentityNeeds, ctx: Ctx): Promise<Me> {
  const userId = userOf(ctx);
  const { account, memberships } = await needs.database.read(ctx, async (reader) => ({
    account: await reader.maybe(accountById, { id: userId }),
    memberships: await reader.many(membershipsOf, { userId }),
  }));
  if (account === undefined) throw unknownUser();
  return toMe(account, { memberships, tenant: ctx.tenant, nowMs: needs.clock.now() });
}

interface Place {
  readonly memberships: readonly Membership[];
  readonly tenant: string;
  readonly nowMs: number;
}

export function toMe(account: Account, { memberships, tenant, nowMs }: Place): Me {
  const here = memberships.find(({ tenantId }) => tenantId === tenant);
  if (here === undefined) throw noTenant();
  const { id, email, name, locale, zone, totpSince, version } = account;
  return {
    user: { id, email, name, locale, zone, totp: totpSince !== null, version: toVersion(version) },
    tenant: {
      id: here.tenantId,
      name: here.name,
      currency: here.currency,
      zone: here.zone,
      locale: here.locale,
    },
    role: here.role,
    permissions: [...rolePermissions[here.role]],
    tenants: memberships.map((one) => ({ id: one.tenantId, name: one.name, role: one.role })),
    today: dayIn(here.zone, nowMs),
  };
}
