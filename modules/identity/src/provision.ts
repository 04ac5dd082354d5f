import { accountByEmail, insertAccount } from './accounts-table.ts';
import { identity } from './contract.ts';
import { insertMember } from './members-table.ts';
import { instantOf, systemContext, type IdentityNeeds } from './needs.ts';
import type { Role } from './permissions.ts';
import { checkZone } from './tenant-day.ts';
import { insertTenant } from './tenants-table.ts';

export interface NewTenant {
  /** Default: a new one. With one that exists, what is missing is added. */
  readonly id?: string | undefined;
  readonly name: string;
  readonly currency: string;
  readonly zone: string;
  readonly locale: string;
  readonly country?: string | undefined;
  readonly users: readonly NewUser[];
}
export interface NewUser {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  /** Of a new account; one that exists keeps its own. */
  readonly password: string;
}

export interface Provisioned {
  readonly tenantId: string;
  readonly userIds: readonly string[];
  /** E-mail addresses: the others had an account, with a password of its own. */
  readonly newAccounts: readonly string[];
}

/**
 * Makes a tenant with its first users: for the start of an installation and for seeds, not reachable over HTTP.
 *
 * @returns the users' ids, in the order of the input, and whose account is new.
 */
export async function provisionTenant(
  needs: IdentityNeeds,
  tenant: NewTenant,
): Promise<Provisioned> {
  checkZone(tenant.zone);
  const tenantId = tenant.id ?? needs.newId();
  const now = instantOf(needs.clock.now());
  const hashed = new Map<string, string>();
  for (const { password } of tenant.users) {
    if (!hashed.has(password)) hashed.set(password, await needs.passwords.hash(password));
  }
  return needs.database.write(systemContext(needs, tenantId), async (tx) => {
    const { outbox } = needs.messaging;
    const { name, currency, zone, locale, country = null } = tenant;
    const made = await tx.run(insertTenant, { name, currency, zone, locale, country, now });
    if (made === 1) outbox.publish(tx, identity.events.tenantCreated, { tenantId, name });
    const userIds: string[] = [];
    const newAccounts: string[] = [];
    for (const { email, name: userName, role, password } of tenant.users) {
      const passwordHash = hashed.get(password) ?? '';
      const user = { id: needs.newId(), email, name: userName, passwordHash, now };
      const fresh = await tx.maybe(insertAccount, user);
      if (fresh !== undefined) newAccounts.push(email);
      const userId = fresh?.id ?? (await tx.one(accountByEmail, { email })).id;
      userIds.push(userId);
      const member = { userId, role, name: userName, email };
      if ((await tx.maybe(insertMember, { ...member, now })) !== undefined) {
        outbox.publish(tx, identity.events.userJoined, member);
      }
    }
    return { tenantId, userIds, newAccounts };
  });
}
