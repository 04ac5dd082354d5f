import { randomBytes } from 'node:crypto';

import { bindLocal } from '@plinth/contract/local';
import { createIds, noLog, type Clock, type Ctx } from '@plinth/core';
import {
  createKeyRing,
  createLoginLimiter,
  createPasswords,
  createSessionStore,
  migrations as httpMigrations,
} from '@plinth/http';
import { createJobs, migrations as jobsMigrations } from '@plinth/jobs';
import { createMessaging, migrations as messagingMigrations } from '@plinth/messaging';
import type { Database } from '@plinth/postgres';

import { createIdentity, migrations, rolePermissions, type Role } from './module.ts';

export const identityMigrations = [messagingMigrations, jobsMigrations, httpMigrations, migrations];
export const password = 'grey otter ladder';

/** The module on real parts; a hash of a password costs next to nothing. */
export async function startIdentity(database: Database, clock: Clock) {
  const newId = createIds(clock);
  const log = noLog;
  const master = `m1:${Buffer.alloc(32, 7).toString('base64')}`;
  const keys = createKeyRing({ database: () => database, master, clock, log });
  await keys.reload();
  const messaging = createMessaging({ database, clock, newId, log, config: { pollMs: 10 } });
  const sessions = createSessionStore({ database, keys, clock, log });
  const revoked: unknown[] = [];
  const jobs = createJobs({ database, clock, newId, log, pollMs: 10 });
  const module = createIdentity({
    database,
    messaging,
    jobs,
    sessions,
    passwords: createPasswords({ peppers: keys.peppers, memoryKiB: 64, passes: 1 }),
    logins: createLoginLimiter({ clock }),
    keys,
    realtime: { revoke: (who) => revoked.push(who) },
    clock,
    newId,
    random: randomBytes,
  });
  return {
    module,
    client: bindLocal(module, { check: 'full' }),
    messaging,
    jobs,
    sessions,
    revoked,
  };
}

/** Two tenants: Ana owns the first and is a viewer in the second, Bo is its clerk. */
export async function provisionTwo({ module }: Awaited<ReturnType<typeof startIdentity>>) {
  const ana = { email: 'ana@acme.example', name: 'Ana', password };
  const bo = { email: 'bo@acme.example', name: 'Bo', password };
  const base = { currency: 'EUR', locale: 'de-AT' };
  const acme = await module.provision({
    ...base,
    name: 'Acme',
    zone: 'Europe/Vienna',
    users: [
      { ...ana, role: 'owner' },
      { ...bo, role: 'clerk' },
    ],
  });
  const globex = await module.provision({
    ...base,
    name: 'Globex',
    zone: 'Asia/Tokyo',
    users: [{ ...ana, role: 'viewer' }],
  });
  const [anaId = '', boId = ''] = acme.userIds;
  return { acme: acme.tenantId, globex: globex.tenantId, anaId, boId };
}

interface Signed {
  readonly ctx: Ctx;
  readonly tenant: string;
  readonly userId: string;
  readonly role: Role;
  readonly session?: string;
}

/** The context of somebody who signed in. */
export function asUser({ ctx, tenant, userId, role, session }: Signed): Ctx {
  const client = {
    ip: '192.0.2.1',
    userAgent: 'test',
    ...(session === undefined ? {} : { session }),
  };
  const actor = { kind: 'user', id: userId, permissions: rolePermissions[role] } as const;
  return { ...ctx, tenant, actor, client };
}
