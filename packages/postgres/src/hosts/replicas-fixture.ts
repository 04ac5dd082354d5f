import type { TestContext } from 'node:test';

import { createPositionSession, noTelemetry, type Position, type Telemetry } from '@plinth/core';
import { createCluster, type Cluster, type ClusterOptions } from '@plinth/testing/cluster';

import type { Context } from '../context.ts';
import { createDatabase, type DatabaseOptions } from '../create-database.ts';
import type { Database } from '../database.ts';
import { t as type } from '../codecs.ts';
import { sql } from '../sql.ts';

const tenant = '01890000-0000-7000-8000-000000000001';

/** One number of each client: what it wrote last, and what a read must not be below. */
export const counterMigrations = [
  { module: 'counting', folder: new URL('../../fixtures/counting/', import.meta.url) },
];

export const setCounter = sql({ id: type.uuid, n: type.int4 }, {}, { name: 'counting.set' })`
  insert into counting.counter (tenant_id, id, n)
  values (current_setting('app.tenant')::uuid, ${'id'}, ${'n'})
  on conflict (tenant_id, id) do update set n = greatest(counting.counter.n, excluded.n)`;

export const counterOf = sql(
  { id: type.uuid },
  { n: type.int4 },
  { name: 'counting.one', hot: true },
)`
  select n from counting.counter where id = ${'id'}`;

export const noteEvent = sql({ id: type.uuid, n: type.int4 }, {}, { name: 'counting.note' })`
  insert into counting.event (tenant_id, id, n) values (current_setting('app.tenant')::uuid, ${'id'}, ${'n'})`;

export function contextOf(seen?: Position, withinMs = 60_000): Context {
  return { tenant, position: createPositionSession(seen), signal: AbortSignal.timeout(withinMs) };
}

export function counterCluster(t: TestContext, options: ClusterOptions = {}): Promise<Cluster> {
  return createCluster(t, { ...options, migrations: counterMigrations });
}

/** As one process of several has it: a pool and a view of the cluster of its own. */
export function openAt(
  t: TestContext,
  url: string,
  options: Omit<DatabaseOptions, 'url'> = {},
): Database {
  const database = createDatabase({ ...options, url });
  t.after(() => database.drain(0));
  return database;
}

/** Reads by where they were served. */
export type Routes = Record<'replica' | 'primary' | 'waited' | 'fallback', number>;

export function countRoutes(): { routes: Routes; telemetry: Telemetry } {
  const routes: Routes = { replica: 0, primary: 0, waited: 0, fallback: 0 };
  const { meter } = noTelemetry;
  const telemetry: Telemetry = {
    ...noTelemetry,
    meter: {
      ...meter,
      histogram: (def) => meter.histogram(def),
      observable: (def, read) => meter.observable(def, read),
      counter(def) {
        if (def.name !== 'plinth_pg_reads_total') return meter.counter(def);
        return {
          ...meter.counter(def),
          add(count, labels) {
            const route = String(labels?.['route']);
            if (isRoute(route)) routes[route] += count;
          },
        };
      },
    },
  };
  return { routes, telemetry };

  function isRoute(name: string): name is keyof Routes {
    return Object.hasOwn(routes, name);
  }
}
