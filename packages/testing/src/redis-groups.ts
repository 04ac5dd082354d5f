import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { eventually } from './eventually.ts';
import { freePort, startRedis, type Owner, type RedisServer } from './redis.ts';

export interface RedisSentinels {
  /** The first one began as the master. */
  readonly servers: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];
  readonly name: string;
  /** The port that most sentinels name. */
  masterPort(): Promise<number>;
}

const withinMs = 60_000;
const downAfterMs = 1_500;
const slots = 16_384;

/** A master, its replicas and three sentinels. */
export async function startSentinels(
  owner: Owner,
  { replicas = 1 }: { readonly replicas?: number } = {},
): Promise<RedisSentinels> {
  const name = 'plinth-test';
  const master = await startRedis(owner);
  const servers = [master];
  for (let i = 0; i < replicas; i += 1) {
    const replica = await startRedis(owner, {
      settings: { replicaof: `127.0.0.1 ${master.port}`, 'repl-diskless-sync-delay': '0' },
    });
    servers.push(replica);
  }
  const folder = await mkdtemp(join(tmpdir(), 'plinth-sentinels-'));
  const sentinels: RedisServer[] = [];
  for (let i = 0; i < 3; i += 1) {
    const file = join(folder, `${i}.conf`);
    await writeFile(
      file,
      [
        `sentinel monitor ${name} 127.0.0.1 ${master.port} 2`,
        `sentinel down-after-milliseconds ${name} ${downAfterMs}`,
        `sentinel failover-timeout ${name} 6000`,
        '',
      ].join('\n'),
    );
    sentinels.push(await startRedis(owner, { sentinel: file }));
  }
  // A sentinel that still ends may write its file once more.
  owner.after(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  const ask = async (sentinel: RedisServer) =>
    Number(
      (await sentinel.run('sentinel', 'get-master-addr-by-name', name)).split('\n')[1] ??
        Number.NaN,
    );
  await eventually(() => isComplete(sentinels, name, replicas), { withinMs });
  return {
    servers,
    sentinels,
    name,
    async masterPort() {
      const ports = await Promise.all(sentinels.map(ask));
      return ports.toSorted((a, b) => a - b)[1] ?? Number.NaN;
    },
  };
}

/** Each sentinel knows the two others and every replica. */
async function isComplete(
  sentinels: readonly RedisServer[],
  name: string,
  replicas: number,
): Promise<boolean> {
  const texts = await Promise.all(sentinels.map((one) => one.run('sentinel', 'master', name)));
  return texts.every((text) => {
    const lines = text.split('\n');
    const of = (field: string) => lines[lines.indexOf(field) + 1];
    return of('num-other-sentinels') === '2' && of('num-slaves') === String(replicas);
  });
}

export interface RedisCluster {
  readonly masters: readonly RedisServer[];
  readonly replicas: readonly RedisServer[];
  /** The master that has the slot of a key now. */
  ownerOf(key: string): Promise<RedisServer>;
  /** Moves one slot, with its keys, to another master. */
  moveSlotOf(key: string, to: RedisServer): Promise<void>;
}

/** Three masters and, where asked, a replica for each. */
export async function startCluster(
  owner: Owner,
  { replicas = 0 }: { readonly replicas?: 0 | 1 } = {},
): Promise<RedisCluster> {
  const start = async () =>
    startRedis(owner, {
      settings: {
        'cluster-enabled': 'yes',
        'cluster-port': String(await freePort()),
        'cluster-node-timeout': '1500',
        'cluster-require-full-coverage': 'no',
      },
    });
  const all: RedisServer[] = [];
  for (let i = 0; i < 3 * (1 + replicas); i += 1) all.push(await start());
  const masters = all.slice(0, 3);
  const width = Math.ceil(slots / masters.length);
  for (const [i, { run }] of masters.entries()) {
    const last = Math.min(slots, (i + 1) * width) - 1;
    await run('cluster', 'addslotsrange', String(i * width), String(last));
    await run('config', 'set', 'cluster-allow-replica-migration', 'no');
    await run('cluster', 'set-config-epoch', String(i + 1));
  }
  for (const { port, run } of all.slice(1)) {
    const bus = (await all[0]?.run('config', 'get', 'cluster-port'))?.split('\n')[1] ?? '';
    await run('cluster', 'meet', '127.0.0.1', String(all[0]?.port), bus);
    await eventually(async () => (await knownBy(all, port)) === all.length, { withinMs });
  }
  for (const [i, replica] of all.slice(3).entries()) {
    const id = await masters[i]?.run('cluster', 'myid');
    await eventually(() => replica.run('cluster', 'replicate', id ?? '').then(() => true), {
      withinMs,
    });
  }
  await eventually(
    async () => {
      const infos = await Promise.all(all.map(({ run }) => run('cluster', 'info')));
      return infos.every((info) => /cluster_state:ok[^]*cluster_slots_ok:16384/u.test(info));
    },
    { withinMs },
  );
  const ownerOf = async (key: string) => {
    const [first] = masters;
    if (first === undefined) throw new TypeError('A cluster has masters.');
    const slot = Number(await first.run('cluster', 'keyslot', key));
    for (const master of masters) {
      const id = await master.run('cluster', 'myid');
      const lines = (await master.run('cluster', 'nodes')).split('\n');
      const own = lines.find((line) => line.startsWith(id)) ?? '';
      if (hasSlot(own, slot)) return master;
    }
    throw new Error(`No master has slot ${slot}.`);
  };
  return {
    masters,
    replicas: all.slice(3),
    ownerOf,
    moveSlotOf: async (key, to) => moveSlot(await ownerOf(key), to, masters, key),
  };
}

async function knownBy(all: readonly RedisServer[], port: number): Promise<number> {
  const joined = all.slice(0, all.findIndex((one) => one.port === port) + 1);
  const texts = await Promise.all(joined.map(({ run }) => run('cluster', 'nodes')));
  const isKnown = texts.every((text) => joined.every((one) => text.includes(`:${one.port}@`)));
  return isKnown ? all.length : joined.length - 1;
}

function hasSlot(line: string, slot: number): boolean {
  return line
    .split(' ')
    .slice(8)
    .filter((part) => !part.startsWith('['))
    .some((part) => {
      const [first = '', last = first] = part.split('-');
      return slot >= Number(first) && slot <= Number(last);
    });
}

async function moveSlot(
  from: RedisServer,
  to: RedisServer,
  masters: readonly RedisServer[],
  key: string,
): Promise<void> {
  const slot = await from.run('cluster', 'keyslot', key);
  const [fromId, toId] = [await from.run('cluster', 'myid'), await to.run('cluster', 'myid')];
  await to.run('cluster', 'setslot', slot, 'importing', fromId);
  await from.run('cluster', 'setslot', slot, 'migrating', toId);
  for (;;) {
    const keys = (await from.run('cluster', 'getkeysinslot', slot, '100')).split('\n');
    const found = keys.filter((one) => one !== '');
    if (found.length === 0) break;
    await from.run('migrate', '127.0.0.1', String(to.port), '', '0', '5000', 'keys', ...found);
  }
  for (const { run } of [to, from, ...masters]) await run('cluster', 'setslot', slot, 'node', toId);
}
