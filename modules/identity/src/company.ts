import { toVersion } from '@plinth/contract';
import type { Ctx } from '@plinth/core';

import { identity } from './contract.ts';
import type { IdentityNeeds } from './needs.ts';
import { checkVersion } from './problems.ts';
import { checkZone } from './tenant-day.ts';
import { lockTenant, ownTenant, saveTenant } from './tenants-table.ts';
import type { RowOf } from './who-am-i.ts';

type Tenant = RowOf<typeof ownTenant>;
type Company = Omit<Tenant, 'id' | 'version' | 'createdAt'>;

export async function getCompany({ database }: IdentityNeeds, ctx: Ctx) {
  const tenant = await database.one(ctx, ownTenant, {});
  return { ...tenant, version: toVersion(tenant.version) };
}

/** @throws {Problem} `http.stale_version`, `identity.bad_zone`. */
export async function changeCompany(
  { database, messaging }: IdentityNeeds,
  ctx: Ctx,
  {
    version: seen,
    ...patch
  }: { readonly [name in keyof Company]?: Company[name] | undefined } & {
    readonly version?: string | undefined;
  },
): Promise<{ version: string }> {
  if (patch.zone !== undefined) checkZone(patch.zone);
  const given = Object.fromEntries(
    Object.entries(patch).filter(([, value]) => value !== undefined),
  );
  return database.write(ctx, async (tx) => {
    const before = await tx.one(lockTenant, {});
    checkVersion(seen, before.version);
    const saved = await tx.one(saveTenant, { ...before, ...given });
    const version = toVersion(saved.version);
    const body = { tenantId: ctx.tenant, fields: Object.keys(given), version };
    messaging.outbox.publish(tx, identity.events.companyChanged, body);
    return { version };
  });
}
