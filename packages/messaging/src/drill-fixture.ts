import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createIds, noLog, systemClock } from '@plinth/core';
import { createDatabase, migrate, sql, t, type Database } from '@plinth/postgres';
import { startEmbedded, type Embedded } from '@plinth/postgres/embedded';
import { startKafka, startRabbit, type Broker } from '@plinth/testing/brokers';

import { createMessaging } from './create-messaging.ts';
import { Crew } from './drill-crew-fixture.ts';
import { drillSettings, type Place } from './drill-options-fixture.ts';
import { randomOf } from './random-fixture.ts';
import { shopMigrations, tenantA } from './shop-fixture.ts';
import { systemContext } from './system-context.ts';

export interface DrillOptions {
  /** Deaths, stops and crashes. */
  readonly runs: number;
  readonly transport: Place['transport'];
  readonly seed?: number;
  readonly isMutant?: boolean;
  readonly signal: AbortSignal;
  onRun?(run: number, what: string): void;
}

export interface DrillReport {
  readonly transport: string;
  readonly seed: number;
  readonly runs: number;
  /** By what was done to whom: `consumer killed`. */
  readonly faults: Readonly<Record<string, number>>;
  readonly published: number;
  readonly handled: number;
  /** Of the ledger that the handlers write, over both subscriptions. */
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  readonly tookMs: number;
  readonly ok: boolean;
}

const settleMs = 120_000;
const mutantSettleMs = 4_000;
const brokerShare = 0.06;

/**
 * Three publishers, relays and consumers and their broker, killed, stopped and crashed at random; then what
 * the publishers acknowledged is held against what the handlers wrote.
 */
export async function drillMessages(options: DrillOptions): Promise<DrillReport> {
  const beganMs = performance.now();
  const seed = options.seed ?? randomBytes(4).readUInt32LE();
  const random = randomOf(seed);
  const folder = await mkdtemp(join(tmpdir(), 'plinth-drill-'));
  const ending: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const server = await startEmbedded({
      folder,
      settings: { fsync: 'off', max_connections: '200' },
      endsWithStarter: true,
    });
    ending.push(() => server.stop());
    const database = await prepare(server, ending);
    const broker = await startBroker(options.transport);
    if (broker !== undefined) ending.push(() => broker.close());
    const place: Place = {
      url: server.url,
      transport: options.transport,
      address: broker?.address,
      name: `d${seed}`,
      isMutant: options.isMutant ?? false,
    };
    const crew = new Crew(place, random);
    ending.push(() => crew.killAll());
    await crew.start();
    await disturb(crew, { options, random, broker, server });
    await crew.endPublishers();
    await crew.heal();
    const limitMs = place.isMutant ? mutantSettleMs : settleMs;
    const settling = createMessaging({
      database,
      clock: systemClock,
      newId: createIds(systemClock),
      log: noLog,
      config: drillSettings(place),
    }).settled(AbortSignal.timeout(limitMs));
    // What is not handled by then is lost.
    await settling.catch(() => undefined);
    const verdict = await judge(database);
    return {
      transport: options.transport,
      seed,
      runs: options.runs,
      faults: crew.faults,
      ...verdict,
      tookMs: Math.round(performance.now() - beganMs),
      ok: verdict.lost + verdict.doubled + verdict.outOfOrder === 0 && verdict.published > 0,
    };
  } finally {
    for (const end of ending.toReversed()) await end();
  }
}

async function prepare(server: Embedded, ending: (() => Promise<unknown>)[]): Promise<Database> {
  await migrate(server.adminUrl, shopMigrations);
  const admin = createDatabase({ url: server.adminUrl, poolMax: 2 });
  // A stopped process keeps its locks for so long.
  await admin.run(systemContext(), shortenIdle, {});
  await admin.drain(0);
  const database = createDatabase({ url: server.url, poolMax: 2 });
  ending.push(() => database.drain(0));
  return database;
}

const shortenIdle = sql({}, {})`
  alter role plinth_app set idle_in_transaction_session_timeout = '3s'`;

async function startBroker(transport: Place['transport']): Promise<Broker | undefined> {
  if (transport === 'rabbitmq') return startRabbit();
  return transport === 'kafka' ? startKafka() : undefined;
}

interface Scene {
  readonly options: DrillOptions;
  readonly random: () => number;
  readonly broker: Broker | undefined;
  readonly server: Embedded;
}

async function disturb(crew: Crew, { options, random, broker, server }: Scene): Promise<void> {
  let restarting: Promise<void> | undefined;
  for (let run = 1; run <= options.runs; run += 1) {
    options.signal.throwIfAborted();
    const isBroker = random() < brokerShare && restarting === undefined;
    if (isBroker) {
      crew.count(broker === undefined ? 'database crashed' : 'broker killed');
      const restart = broker === undefined ? crashDatabase(server) : restartBroker(broker);
      restarting = restart.finally(() => {
        restarting = undefined;
      });
    } else {
      await crew.strike();
    }
    options.onRun?.(run, crew.last);
    await systemClock.sleep(50 + random() * 300, options.signal);
  }
  await restarting;
}

async function restartBroker(broker: Broker): Promise<void> {
  await broker.kill();
  await broker.start();
}

/** One session's process is killed: the server ends all others and recovers from its log. */
async function crashDatabase(server: Embedded): Promise<void> {
  const admin = createDatabase({ url: server.adminUrl, poolMax: 1 });
  try {
    const { pid } = await admin.one(systemContext(), anySession, {});
    process.kill(pid, 'SIGKILL');
  } catch {
    // It recovers from the last one.
  } finally {
    await admin.drain(0);
  }
}

const anySession = sql({}, { pid: t.int4 })`
  select pid from pg_stat_activity where usename = 'plinth_app' order by random() limit 1`;

async function judge(database: Database) {
  const ctx = { ...systemContext(), tenant: tenantA };
  const { published } = await database.one(ctx, sum, {});
  const verdict = { published, handled: 0, lost: 0, doubled: 0, outOfOrder: 0 };
  for (const subscription of ['one', 'batch']) {
    const row = await database.one(ctx, compare, { subscription });
    verdict.handled += row.handled;
    verdict.lost += row.lost;
    verdict.doubled += row.doubled;
    verdict.outOfOrder += row.outOfOrder;
  }
  return verdict;
}

const sum = sql({}, { published: t.int8n })`
  select coalesce(sum(value), 0)::bigint as published from shop.counter`;

const compare = sql(
  { subscription: t.text },
  { handled: t.int8n, lost: t.int8n, doubled: t.int8n, outOfOrder: t.int8n },
)`
  with l as (
    select key, value, max(value) over (
      partition by key order by n rows between unbounded preceding and 1 preceding) as before
    from shop.ledger where subscription = ${'subscription'}),
  k as (
    select key, count(*) as rows, count(distinct value) as kinds, count(*) filter (where value < before) as late
    from l group by key)
  select coalesce(sum(k.rows), 0)::bigint as handled,
    coalesce(sum(c.value - coalesce(k.kinds, 0)), 0)::bigint as lost,
    coalesce(sum(k.rows - k.kinds), 0)::bigint as doubled,
    coalesce(sum(k.late), 0)::bigint as "outOfOrder"
  from shop.counter c left join k on k.key = c.key`;
