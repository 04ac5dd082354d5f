import type { TestContext } from 'node:test';

import { createLog, loadConfig } from '@plinth/core';

import { createChassis } from '../src/chassis.ts';
import { configs } from '../src/configs.ts';
import { createProduct, type Product } from '../src/modules.ts';

const anyKey = `test:${Buffer.alloc(32, 7).toString('base64')}`;

/** The modules with their contracts, connected to nothing. */
export async function openProduct(t: TestContext): Promise<Product> {
  const chassis = await createChassis({
    loaded: loadConfig(configs, { PLINTH_MASTER_KEY: anyKey }),
    databaseUrl: 'postgres://plinth_app@127.0.0.1:1/none',
    dataFolder: '/nonexistent',
    version: 'test',
    log: createLog({ level: 'fatal', destination: process.stderr }),
    onJobProgress: () => {},
  });
  t.after(() => chassis.cache.close());
  return createProduct(chassis, 'full');
}
