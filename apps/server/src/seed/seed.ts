import type { SeedOptions, SeedReport } from '@plinth/cli';
import type { Ctx } from '@plinth/core';
import { recountTenant } from '@plinth/customers/module';
import { wholesaler } from '@plinth/invoicing/module';
import { Client } from 'pg';

import type { Chassis } from '../chassis.ts';
import { openSite, type Site } from '../site.ts';
import { systemContext } from '../system-context.ts';
import { pound, provisionDemo, provisionSeeded } from './accounts.ts';
import {
  planTenants,
  planWholesaler,
  profiles,
  type Profile,
  type SeedTenant,
} from './profiles.ts';
import { createProgress, isDone, noteDone, wipe } from './progress-table.ts';
import { importFile } from './wholesaler.ts';
import { writeBooks } from './write-books.ts';

type Options = Omit<SeedOptions, 'profile'>;

const dayMs = 86_400_000;
const importTimeoutMs = 600_000;
const jobSlots = 2;

/** @throws {TypeError} for a profile that is not there. */
function findProfile(name: string): Profile {
  const profile = profiles.find((candidate) => candidate.name === name);
  if (profile === undefined) throw new TypeError(`There is no profile ${name}.`);
  return profile;
}

export async function isSeeded(adminUrl: string, profile: string): Promise<boolean> {
  return withAdmin(adminUrl, (admin) => isDone(admin, profile));
}

/** Fills the database with a profile: accounts, books, and for the demo the wholesaler by the product's own import. */
export function seed(options: SeedOptions): Promise<SeedReport> {
  return seedProfile(options, findProfile(options.profile));
}

export async function seedProfile(options: Options, profile: Profile): Promise<SeedReport> {
  const startMs = performance.now();
  const { admin: adminUrl, loader: loaderUrl } = options.urls;
  await withAdmin(adminUrl, async (admin) => {
    await createProgress(admin);
    if (options.reset) await wipe(admin);
  });
  const site = await openSite(options);
  try {
    await site.chassis.jobs.start({ queues: { default: jobSlots } });
    const tenants = planTenants(profile, options.seed);
    if (profile.wholesaler) await bringInPeople(site, options, tenants);
    else await bringInOwners(site, options, tenants);
    const todayMs = Math.floor(site.chassis.clock.now() / dayMs) * dayMs;
    const { invoices, lines, tables } = await writeBooks({
      adminUrl,
      loaderUrl,
      profile,
      todayMs,
      seed: options.seed,
      signal: options.signal,
      onProgress: options.onProgress,
    });
    await countBalances(site, options, tenants);
    if (profile.wholesaler) await bringInWholesaler(site, options);
    const report = { invoices, lines, tookMs: performance.now() - startMs, tables: [...tables] };
    await withAdmin(adminUrl, (admin) => noteDone(admin, profile.name, options.seed, report));
    return report;
  } finally {
    await site.chassis.jobs.drain();
    await site.close();
  }
}

/** The demo's people can sign in before its books are written. */
async function bringInPeople(
  { product }: Site,
  { seed: number, onProgress }: Options,
  tenants: readonly SeedTenant[],
): Promise<void> {
  const bought = planWholesaler(number);
  await provisionDemo(product.identity, [...tenants, bought], new Map([[bought.slug, pound]]));
  onProgress('accounts', 1, `${tenants.length + 1} companies, 4 people`);
}

async function bringInOwners(
  { product }: Site,
  { onProgress }: Options,
  tenants: readonly SeedTenant[],
): Promise<void> {
  await provisionSeeded(product.identity, tenants, (done) =>
    onProgress('accounts', done / tenants.length, `${done} companies`),
  );
}

/** Seeded books publish no events: what customers owe is counted from them. */
async function countBalances(
  { chassis, product }: Site,
  { onProgress, signal }: Options,
  tenants: readonly SeedTenant[],
): Promise<void> {
  const needs = { ...chassis, calendar: product.identity.calendar };
  for (const [done, { tenantId }] of tenants.entries()) {
    signal.throwIfAborted();
    await recountTenant(needs, longContext(chassis, tenantId, signal));
    onProgress(
      'balances',
      (done + 1) / tenants.length,
      `${done + 1} of ${tenants.length} companies`,
    );
  }
}

async function bringInWholesaler(
  { chassis, product }: Site,
  { seed: number, onProgress, signal }: Options,
): Promise<void> {
  const { tenantId } = planWholesaler(number);
  const onImported = (fraction: number, detail: string) =>
    onProgress('wholesaler', fraction, detail);
  const needs = { chassis, invoicing: product.invoicing, onProgress: onImported };
  await importFile(needs, longContext(chassis, tenantId, signal), wholesaler.invoices);
  onImported(1, 'imported by the product');
}

/** A seed may take as long as it takes; its own signal ends it. */
function longContext(chassis: Chassis, tenant: string, signal: AbortSignal): Ctx {
  const deadline = chassis.clock.mono() + importTimeoutMs;
  return { ...systemContext(chassis, tenant), signal, deadline };
}

async function withAdmin<result>(
  url: string,
  work: (admin: Client) => Promise<result>,
): Promise<result> {
  const admin = new Client({ connectionString: url });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}
