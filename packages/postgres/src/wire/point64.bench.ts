import { Connection } from '../connection.ts';
import { createDatabase } from '../create-database.ts';
import { decodeRows, encodeParams } from '../rows.ts';
import { factsOf } from '../statement-facts.ts';
import {
  contextOf,
  drive,
  openPoints,
  plainPoint,
  runPgbench,
  scopedPoint,
  tenant,
  type Rate,
} from './points-fixture.ts';
import { drizzle, kysely, pgClient, pgPool, postgresJs, wide, type Side } from './peers-fixture.ts';
import { targetOf } from './target.ts';

const roundMs = 1_000;
const pgbenchClients = [1, 4, 8, 16, 64];
const rounds = 5;

async function bare(url: string): Promise<Side> {
  const target = targetOf(url, 'bench');
  const open = () => Connection.open({ target, namedMax: 256, mono: () => performance.now() });
  const lanes = await Promise.all(Array.from({ length: 4 }, open));
  const { preparedName } = factsOf(plainPoint);
  let next = 0;
  const ask = async (id: number) => {
    const lane = lanes[(next = (next + 1) % lanes.length)];
    const values = encodeParams(plainPoint, { id });
    const sent = await lane?.batch([{ text: plainPoint.text, name: preparedName, values }]);
    const [answer] = sent?.answers ?? [];
    return answer === undefined ? undefined : decodeRows(plainPoint, answer)[0];
  };
  return { width: wide, ask, close: () => Promise.all(lanes.map((lane) => lane.close())) };
}

/** Tenant, metrics, bounds: what a module's read goes through. */
function full(url: string, width = wide): Side {
  const database = createDatabase({ url });
  const context = contextOf(tenant);
  return {
    width,
    ask: (id) => database.one(context, scopedPoint, { id }),
    close: () => database.drain(0),
  };
}

async function best(sides: readonly (Side | Promise<Side>)[]): Promise<Rate> {
  let found: Rate = { perSecond: 0, cpuMicros: 0 };
  for (const opening of sides) {
    const side = await opening;
    await drive(side.width, roundMs / 5, side.ask);
    const rate = await drive(side.width, roundMs, side.ask);
    await side.close();
    if (rate.perSecond > found.perSecond) found = rate;
  }
  return found;
}

async function bestPgbench(url: string): Promise<Rate> {
  const rates: number[] = [];
  for (const clients of pgbenchClients) rates.push(await runPgbench(url, clients, 1));
  return { perSecond: Math.max(...rates), cpuMicros: 0 };
}

interface Claim {
  readonly name: string;
  readonly peerName: string;
  readonly target: number;
  readonly by: keyof Rate;
  ours(): Promise<Rate>;
  peer(): Promise<Rate>;
}

function claimsOf(url: string): Claim[] {
  const pgbenchName = 'pgbench -M prepared, the best of 1, 4, 8, 16, 64 clients';
  const ours = () => best([full(url)]);
  const rate = { by: 'perSecond', ours } as const;
  const cpu = { by: 'cpuMicros', ours } as const;
  const pgbench = () => bestPgbench(url);
  const ownBare = () => best([bare(url)]);
  return [
    { ...rate, name: 'bare', peerName: pgbenchName, target: 1.1, ours: ownBare, peer: pgbench },
    { ...rate, name: 'full', peerName: pgbenchName, target: 0.9, peer: pgbench },
    {
      ...rate,
      name: 'full-pool',
      peerName: 'pg, pool of 10, named',
      target: 2.5,
      peer: () => best([pgPool(url)]),
    },
    {
      ...rate,
      name: 'full-postgresjs',
      peerName: 'postgres.js, the best of 1, 4, 8',
      target: 1.6,
      peer: () => best([1, 4, 8].map((max) => postgresJs(url, max))),
    },
    {
      ...rate,
      name: 'one-caller',
      peerName: 'pg client, named, without a tenant',
      target: 1,
      ours: () => best([full(url, 1)]),
      peer: () => best([pgClient(url)]),
    },
    {
      ...cpu,
      name: 'kysely',
      peerName: 'Kysely on a pool of 10',
      target: 3,
      peer: () => best([kysely(url)]),
    },
    {
      ...cpu,
      name: 'drizzle',
      peerName: 'Drizzle, prepared, on a pool of 10',
      target: 3,
      peer: () => best([drizzle(url)]),
    },
  ];
}

async function measure({ ours, peer, by }: Claim, oursFirst: boolean) {
  const result = { ours: 0, peer: 0 };
  for (const side of oursFirst ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const)) {
    result[side] = (await (side === 'ours' ? ours() : peer()))[by];
  }
  return result;
}

export const bench = {
  name: 'point64',
  async open() {
    const points = await openPoints();
    const cases = claimsOf(points.server.url).map((claim) => ({
      name: claim.name,
      peerName: claim.peerName,
      target: claim.target,
      unit: claim.by === 'perSecond' ? 'reads/s' : 'µs of CPU a read',
      better: claim.by === 'perSecond' ? 'higher' : 'lower',
      rounds,
      measure: (oursFirst: boolean) => measure(claim, oursFirst),
    }));
    return { cases, close: points.close };
  },
};
