import { createCache } from '@plinth/cache';
import { cacheOptionsOf } from '@plinth/cache/redis';
import type { Application } from '@plinth/cli';
import { loadConfig, noLog, systemClock } from '@plinth/core';
import { buildWeb } from '@plinth/web/build';

import { mix } from '../../../load/mix.ts';
import { kpis } from '../../../topology/kpi.ts';
import { addCompany } from './add-company.ts';
import { configs } from './configs.ts';
import { migrations } from './modules.ts';
import { demoAccounts, demoPassword, seededEmail } from './seed/accounts.ts';
import { profiles } from './seed/profiles.ts';
import { isSeeded, seed } from './seed/seed.ts';
import { startServer } from './server.ts';
import { version } from './version.ts';

/** How many of a profile's companies take part in a load, the largest first. */
const visitorsMax = 20;

/** The product, as the `plinth` command sees it. */
export const application: Application = {
  configs,
  migrations,
  profiles: profiles.map(({ name }) => name),
  demoAccounts,
  async buildWeb(force) {
    const { folder, fresh } = await buildWeb({ force });
    return { folder, built: fresh };
  },
  async start({ environment, urls, dataFolder, assetsFolder, log }) {
    const loaded = loadConfig(configs, environment);
    for (const warning of loaded.warnings) log.warn('config.unknown', { warning });
    return startServer({ loaded, databaseUrl: urls.app, dataFolder, assetsFolder, version, log });
  },
  addCompany,
  isSeeded: ({ urls, profile }) => isSeeded(urls.admin, profile),
  seed,
  async openCache(environment) {
    const options = cacheOptionsOf(loadConfig(configs, environment), systemClock, noLog);
    return 'shared' in options ? createCache(options) : undefined;
  },
  load: {
    mix,
    kpis,
    async accounts(name = 'demo') {
      const profile = profiles.find((candidate) => candidate.name === name);
      if (profile === undefined || profile.wholesaler) {
        return demoAccounts.filter(({ role }) => role === 'owner' || role === 'accountant');
      }
      return profile.tenants
        .slice(0, visitorsMax)
        .map(({ slug }) => ({ email: seededEmail(slug), password: demoPassword }));
    },
  },
};
