import { createRandom } from '@plinth/load';

import { createSeededIds, idText } from './ids.ts';

export interface TenantPlan {
  readonly name: string;
  readonly slug: string;
  readonly customers: number;
  readonly invoices: number;
  /** How far back its books reach. */
  readonly days: number;
  /** ISO 3166-1 code; default any. */
  readonly home?: string;
}
export interface Profile {
  readonly name: string;
  readonly tenants: readonly TenantPlan[];
  /** The real wholesaler comes beside the synthetic ones, by the product's own import. */
  readonly wholesaler: boolean;
}

const cities =
  'Oslo Lyon Porto Graz Turku Delft Basel Brno Gdynia Leeds Galway Malmö Parma Siena Arles Bremen Utrecht Aveiro Kaunas Tartu'.split(
    ' ',
  );
const trades = 'Trading Works Media Foods Supply Optics Paper Energy Tools Motors'.split(' ');

/** Sizes of application.md. Tenant 1 of `large` is the one with a million invoices. */
export const profiles: readonly Profile[] = [
  {
    name: 'demo',
    wholesaler: true,
    tenants: [
      // The switcher sorts by name: who signs in lands in the first, and finds the wholesaler second.
      {
        name: 'Atelier Lumière',
        slug: 'lumiere',
        customers: 60,
        invoices: 1_200,
        days: 400,
        home: 'FR',
      },
      {
        name: 'Zephyr Trading',
        slug: 'zephyr',
        customers: 30,
        invoices: 300,
        days: 400,
        home: 'DE',
      },
    ],
  },
  { name: 'small', wholesaler: false, tenants: tenantsOf(20, 50_000, 100_000) },
  {
    name: 'large',
    wholesaler: false,
    tenants: [
      {
        name: 'Meridian Group',
        slug: 'meridian',
        customers: 200_000,
        invoices: 1_000_000,
        days: 1_095,
      },
      ...tenantsOf(199, 300_000, 1_000_000),
    ],
  },
  { name: 'huge', wholesaler: false, tenants: tenantsOf(10_000, 5_000_000, 10_000_000) },
];

/** The same for each, but that the first have more: ordinary companies are not equal either. */
function tenantsOf(count: number, customers: number, invoices: number): TenantPlan[] {
  const shares = Array.from({ length: count }, (_, index) => 1 / (index + 3) ** 0.5);
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share, index) => {
    const city = cities[index % cities.length] ?? '';
    const trade = trades[Math.floor(index / cities.length) % trades.length] ?? '';
    const round = Math.floor(index / (cities.length * trades.length));
    return {
      name: `${city} ${trade}${round === 0 ? '' : ` ${round + 1}`}`,
      slug: `t${String(index + 1).padStart(5, '0')}`,
      customers: Math.max(5, Math.round((share / total) * customers)),
      invoices: Math.max(10, Math.round((share / total) * invoices)),
      days: 730,
    };
  });
}

/** Years of it lie before the first release, so that no tenant made by a person sorts before a seeded one. */
const idsFromMs = Date.UTC(2026, 0, 1);

export interface SeedTenant extends TenantPlan {
  readonly tenantId: string;
}

/** The same ids for the same profile and seed, on any day. */
export function planTenants(profile: Profile, seed: number): SeedTenant[] {
  const place = profiles.indexOf(profile);
  const newId = createSeededIds(createRandom(seed * 31 + place));
  return profile.tenants.map((tenant, index) => ({
    ...tenant,
    tenantId: idText(newId(idsFromMs + index)),
  }));
}

export function planWholesaler(seed: number): Pick<SeedTenant, 'slug' | 'name' | 'tenantId'> {
  const newId = createSeededIds(createRandom(seed * 31 + profiles.length));
  return { slug: 'wholesaler', name: 'UK Wholesaler', tenantId: idText(newId(idsFromMs)) };
}
