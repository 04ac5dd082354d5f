import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';

import { systemClock } from '@plinth/core';
import { Client } from 'pg';

import { t } from '../codecs.ts';
import type { Context } from '../context.ts';
import { createDatabase } from '../create-database.ts';
import type { Database } from '../database.ts';
import { startEmbedded } from '../embedded/index.ts';
import { migrate } from '../migrate/migrate.ts';
import { sql } from '../sql.ts';
import { createLists, type Lists } from './index.ts';
import { parcelList, parcelMigrations, testKeyRing } from './parcel-fixture.ts';
import { addBook, measureWindows } from './plan-fixture.ts';

/** Seeded once a machine: a million rows with their indexes take minutes. */
const folder = resolve('node_modules/.cache/list-bench');
const rowCount = 1_000_000;
const searchedCount = 200_000;
const rank = 700_000;
const today = '2026-03-18';
const f = ['state:in:sent,new'];
const query = { sort: '-shippedOn', limit: 100, f, today };

/** The same rows by the same conditions, as they are asked for without a list. */
const offsetPage = sql({ skip: t.int8n }, parcelList.def.row)`
  select p.id, p.name, p.state, p.shipped_on as "shippedOn", p.price, p.grams
  from parcels.parcel p where p.state = any(array['sent', 'new'])
  order by p.shipped_on desc, p.id desc limit 100 offset ${'skip'}`;
const countAll = sql({ least: t.int8n }, { n: t.int8n })`
  select count(*) as n from parcels.parcel where price >= ${'least'}`;
const scanNames = sql({ pattern: t.text }, { id: t.uuid })`
  select id from parcels.parcel where name ilike ${'pattern'} limit 10001`;

interface Scene {
  readonly database: Database;
  readonly newLists: () => Lists;
  readonly large: Context;
  readonly searched: Context;
}

/** Milliseconds, the median of several runs where one is too short to be timed on a busy machine. */
async function timed(runs: number, work: (run: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const begin = performance.now();
    await work(run);
    times.push(performance.now() - begin);
  }
  return times.toSorted((a, b) => a - b)[runs >> 1] ?? Number.NaN;
}

interface Claim {
  readonly name: string;
  readonly peerName: string;
  readonly target: number;
  /** How often ours runs in a round, default 21. */
  readonly runs?: number;
  readonly peerRuns?: number;
  ours(scene: Scene, round: number): Promise<unknown>;
  /** Milliseconds that are allowed, or what is done instead. */
  readonly peer: number | ((scene: Scene, round: number) => Promise<unknown>);
}

const hex = (round: number) => (0xabc12 + round * 7_919).toString(16).slice(0, 5);

/** Without any anchors: as the first who jumps. */
function build({ newLists, large }: Scene): Promise<unknown> {
  return newLists().page(large, parcelList, { ...query, rank });
}

function claimsOf(warm: Lists, next: string): Claim[] {
  const jump = ({ large }: Scene, round: number) =>
    warm.page(large, parcelList, { ...query, rank: rank + round });
  const search = ({ searched }: Scene, round: number) =>
    warm.page(searched, parcelList, { f: [`name:contains:${hex(round)}`], today });
  const first = ({ large }: Scene) => warm.page(large, parcelList, query);
  const deep = ({ large }: Scene) => warm.page(large, parcelList, { ...query, after: next });
  return [
    {
      name: 'jump',
      peerName: 'OFFSET 700,000',
      target: 100,
      ours: jump,
      peer: ({ database, large }, round) =>
        database.many(large, offsetPage, { skip: rank + round }),
    },
    { name: 'jump-warm', peerName: 'limit of 100 ms', target: 1, ours: jump, peer: 100 },
    { name: 'jump-cold', peerName: 'limit of 800 ms', target: 1, runs: 1, ours: build, peer: 800 },
    {
      name: 'anchors',
      peerName: 'count(*)',
      target: 0.67,
      runs: 1,
      ours: ({ newLists, large }) =>
        newLists().page(large, parcelList, { sort: 'price', today, rank }),
      peer: ({ database, large }) => database.one(large, countAll, { least: 0 }),
    },
    {
      name: 'deep-page',
      peerName: 'the first page',
      target: 0.77,
      peerRuns: 21,
      ours: deep,
      peer: first,
    },
    {
      name: 'search',
      peerName: "ilike '%…%'",
      target: 10,
      ours: search,
      peer: ({ database, searched }, round) =>
        database.many(searched, scanNames, { pattern: `%${hex(round)}%` }),
    },
    { name: 'search-time', peerName: 'limit of 20 ms', target: 1, ours: search, peer: 20 },
  ];
}

async function measureClaim(scene: Scene, claim: Claim, round: number, oursFirst: boolean) {
  const { peer } = claim;
  const runs = {
    ours: () => timed(claim.runs ?? 21, (run) => claim.ours(scene, round * 100 + run)),
    peer: async () =>
      typeof peer === 'number' ? peer : timed(claim.peerRuns ?? 1, () => peer(scene, round)),
  };
  const result = { ours: 0, peer: 0 };
  for (const side of oursFirst ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const)) {
    result[side] = await runs[side]();
  }
  return result;
}

/** The books of two shippers, and their indexes, as they are after the first night. */
async function seed(adminUrl: string, { database, large, searched }: Scene): Promise<void> {
  const { n } = await database.one(large, countAll, { least: 0 });
  if (n > 0) return;
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query('drop index parcels.parcel_name_trgm');
  const slow = { ...addBook, options: { timeoutMs: 1_800_000 } };
  await database.run(large, slow, { count: rowCount, tenant: large.tenant });
  await database.run(searched, slow, { count: searchedCount, tenant: searched.tenant });
  await admin.query(
    'create index parcel_name_trgm on parcels.parcel using gin (tenant_id, name_key public.gin_trgm_ops)',
  );
  await admin.query('vacuum (analyze) parcels.parcel');
  await admin.end();
}

function contextOf(tenant: string): Context {
  const { signal } = new AbortController();
  return { tenant, signal, position: { get: () => undefined, advance: () => undefined } };
}

/** The plans are asserted, whatever the machine: no scan, and no more rows read than three a row. */
async function checkPlans({ database, large }: Scene): Promise<void> {
  for (const work of await measureWindows(database, large, rank)) {
    const { name, rowsRead, rowsReturned, hasSeqScan } = work;
    assert(!hasSeqScan && rowsRead <= 3 * rowsReturned, `${name} reads ${rowsRead} rows`);
  }
}

export const bench = {
  name: 'list',
  async open() {
    await mkdir(folder, { recursive: true });
    const server = await startEmbedded({ folder, settings: { fsync: 'off' } });
    await migrate(server.adminUrl, [parcelMigrations]);
    const database = createDatabase({ url: server.url, slowMs: 60_000 });
    const keyRing = testKeyRing();
    const newLists = () => createLists({ database, clock: systemClock, keyRing });
    const scene: Scene = {
      database,
      newLists,
      large: contextOf('019a0000-0000-7000-8000-00000000000a'),
      searched: contextOf('019a0000-0000-7000-8000-00000000000b'),
    };
    await seed(server.adminUrl, scene);
    await checkPlans(scene);
    const warm = newLists();
    const { next } = await warm.page(scene.large, parcelList, { ...query, rank });
    let round = 0;
    const cases = claimsOf(warm, next ?? '').map((claim) => ({
      name: claim.name,
      peerName: claim.peerName,
      target: claim.target,
      unit: 'ms',
      better: 'lower',
      rounds: 7,
      measure: (oursFirst: boolean) => measureClaim(scene, claim, (round += 1), oursFirst),
    }));
    const close = async () => {
      await database.drain(0);
      await server.stop();
    };
    return { cases, close };
  },
};
