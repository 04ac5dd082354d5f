import type { Account } from '@plinth/cli';
import type { Identity } from '@plinth/identity/module';

import type { SeedTenant } from './profiles.ts';

/** Demo accounts share one password: it is printed at the start and opens nothing but made-up books. */
export const demoPassword = 'ledger-lines-2026';

const people = [
  { role: 'owner', name: 'Olga Winter', local: 'owner' },
  { role: 'accountant', name: 'Amir Haddad', local: 'accountant' },
  { role: 'clerk', name: 'Clara Berg', local: 'clerk' },
  { role: 'viewer', name: 'Viktor Lindqvist', local: 'viewer' },
] as const;

export const demoAccounts: readonly Account[] = people.map(({ role, local }) => ({
  role,
  email: `${local}@demo.example`,
  password: demoPassword,
}));

export type ProvisionedTenant = Pick<SeedTenant, 'slug' | 'name' | 'tenantId'>;

/** The four people of the demo are members of each of its tenants. */
export async function provisionDemo(
  identity: Pick<Identity, 'provision'>,
  tenants: readonly ProvisionedTenant[],
  places: ReadonlyMap<string, { currency: string; zone: string; locale: string; country: string }>,
): Promise<void> {
  for (const { slug, name, tenantId } of tenants) {
    const place = places.get(slug) ?? euro;
    const users = people.map(({ role, name: own, local }) => ({
      role,
      name: own,
      email: `${local}@demo.example`,
      password: demoPassword,
    }));
    await identity.provision({ id: tenantId, name, ...place, users });
  }
}

const euro = { currency: 'EUR', zone: 'Europe/Berlin', locale: 'en-GB', country: 'DE' };
export const pound = { currency: 'GBP', zone: 'Europe/London', locale: 'en-GB', country: 'GB' };

/** One accountant a synthetic tenant: `t00007@seed.example`. */
export async function provisionSeeded(
  identity: Pick<Identity, 'provision'>,
  tenants: readonly ProvisionedTenant[],
  onTenant: (done: number) => void,
): Promise<void> {
  for (const [done, { slug, name, tenantId }] of tenants.entries()) {
    const email = seededEmail(slug);
    const user = {
      role: 'owner',
      name: `Owner of ${name}`,
      email,
      password: demoPassword,
    } as const;
    await identity.provision({ id: tenantId, name, ...euro, users: [user] });
    onTenant(done + 1);
  }
}

export function seededEmail(slug: string): string {
  return `${slug}@seed.example`;
}
