import type { StartOptions } from '@plinth/cli';
import { createLog, loadConfig } from '@plinth/core';

import { createChassis, type Chassis } from './chassis.ts';
import { configs } from './configs.ts';
import { createProduct, type Product } from './modules.ts';
import { version } from './version.ts';

/** The product without its listeners: what a command does goes through the same modules. */
export interface Site {
  readonly chassis: Chassis;
  readonly product: Product;
  close(): Promise<void>;
}

interface SiteOptions extends Pick<StartOptions, 'environment' | 'dataFolder'> {
  readonly urls: Pick<StartOptions['urls'], 'app'>;
}

const keysTimeoutMs = 60_000;

export async function openSite({ environment, urls, dataFolder }: SiteOptions): Promise<Site> {
  const chassis = await createChassis({
    dataFolder,
    version,
    log: createLog({ level: 'error', destination: process.stderr }),
    loaded: loadConfig(configs, environment),
    databaseUrl: urls.app,
    onJobProgress: () => {},
  });
  const product = createProduct(chassis, 'edge');
  await chassis.keys.start?.(AbortSignal.timeout(keysTimeoutMs));
  return {
    chassis,
    product,
    async close() {
      await chassis.keys.stop?.(AbortSignal.timeout(keysTimeoutMs));
      await chassis.cache.close();
      await chassis.database.drain();
    },
  };
}
