import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { migrate, type Migrations } from '@plinth/postgres';
import { startEmbedded } from '@plinth/postgres/embedded';

import { ClusterNode, through } from './cluster-node.ts';
import { eventually } from './eventually.ts';
import { faultProxy, type Proxy } from './fault-proxy.ts';
import type { Owner } from './redis.ts';

export interface ClusterOptions {
  /** Default 3: a primary and two standbys. */
  readonly nodes?: 1 | 2 | 3;
  /** Commits wait for one standby: `synchronous_standby_names='ANY 1 (…)'`. */
  readonly sync?: boolean;
  /** How late each standby replays, by its index from 1; default 0. */
  readonly delayMs?: readonly number[];
  readonly migrations?: readonly Migrations[];
}

/** Real servers, each behind a proxy that fails as it is told. Node 0 begins as the primary. */
export interface Cluster {
  /** Role plinth_app, all nodes by their proxies: `postgres://…@h1,h2,h3/db`. */
  readonly url: string;
  /** Superuser of all nodes, by their proxies. */
  readonly adminUrl: string;
  /** Role plinth_app of one node, by its proxy. */
  urlOf(index: number): string;
  readonly proxies: readonly Proxy[];
  /** `127.0.0.1:port` of a node as its clients know it. */
  nameOf(index: number): string;
  /** As the superuser, past the proxy: rows as text. */
  query(index: number, sql: string): Promise<readonly (readonly (string | null)[])[]>;
  /** By SIGKILL, with all its sessions. */
  kill(index: number): Promise<void>;
  stop(index: number): Promise<void>;
  cont(index: number): Promise<void>;
  /**
   * Of the standbys that run, the one that has the most of what a primary that is gone has written: the one
   * to promote. The other may lack what was acknowledged.
   */
  furthest(): Promise<number>;
  /** Returns when the server takes writes. The other standbys follow it, unless `strand` is given. */
  promote(index: number, options?: { strand?: boolean }): Promise<void>;
  /** A node that was killed comes back as it was: an old primary as a primary. */
  revive(index: number): Promise<void>;
  /** Receives nothing more from the primary. */
  detach(index: number): Promise<void>;
  /** Replays from now on so much later. */
  lag(index: number, ms: number): Promise<void>;
  pauseReplay(index: number): Promise<void>;
  resumeReplay(index: number): Promise<void>;
  /** Waits until every standby has replayed all that the primary has. */
  caughtUp(primary: number): Promise<void>;
}

interface Template {
  readonly folder: string;
  readonly url: string;
  readonly adminUrl: string;
}

const prefix = 'plinth-cluster-';
const templates = new Map<string, Promise<Template>>();
const roots: string[] = [];

// Not a hook of the runner: a bench that imports this is no test.
process.once('exit', () => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

/**
 * A primary with streaming standbys for one test or bench, from copies of one migrated server: about a second after
 * the first.
 */
export async function createCluster(
  owner: Owner,
  { nodes: count = 3, sync = false, delayMs = [], migrations = [] }: ClusterOptions = {},
): Promise<Cluster> {
  const key = migrations.map(({ module, folder }) => `${module} ${folder.href}`).join('\n');
  const making = templates.get(key) ?? createTemplate(migrations);
  templates.set(key, making);
  const template = await making;
  const root = await mkdtemp(join(tmpdir(), prefix));
  const copies = Array.from({ length: count }, (_, index) =>
    ClusterNode.copy(index, {
      template: join(template.folder, 'data'),
      folder: join(root, `node${index}`),
      adminUrl: template.adminUrl,
    }),
  );
  const nodes = await Promise.all(copies);
  owner.after(async () => {
    await Promise.all(nodes.map((node) => node.remove()));
    await rm(root, { recursive: true, force: true });
  });
  await startAll(nodes, delayMs);
  if (sync) await requireStandby(nodes);
  const proxies: Proxy[] = [];
  for (const { port } of nodes) proxies.push(await faultProxy(owner, { port }));
  return clusterOf(template, nodes, proxies);
}

async function startAll(nodes: readonly ClusterNode[], delayMs: readonly number[]): Promise<void> {
  const [primary, ...standbys] = nodes;
  if (primary === undefined) return;
  await primary.start();
  await Promise.all(
    standbys.map(async (node) => {
      await node.follow(primary.url);
      await node.start();
      const ms = delayMs[node.index] ?? 0;
      if (ms > 0) await setting(node, 'recovery_min_apply_delay', `${ms}ms`);
    }),
  );
  await eventually(async () => (await streaming(primary)) === standbys.length, {
    withinMs: 60_000,
  });
}

async function streaming(primary: ClusterNode): Promise<number> {
  const [[count = '0'] = []] = await primary.query(
    `select count(*) from pg_stat_replication where state = 'streaming'`,
  );
  return Number(count);
}

async function requireStandby(nodes: readonly ClusterNode[]): Promise<void> {
  const names = nodes.map(({ index }) => `node${index}`).join(', ');
  await Promise.all(
    nodes.map((node) => setting(node, 'synchronous_standby_names', `ANY 1 (${names})`)),
  );
}

async function setting(node: ClusterNode, name: string, value: string): Promise<void> {
  await node.query(`alter system set ${name} = '${value}'`);
  await node.query('select pg_reload_conf()');
  await eventually(
    async () => {
      const [[found] = []] = await node.query(
        `select setting || coalesce(unit, '') from pg_settings where name = '${name}'`,
      );
      return found === value;
    },
    { withinMs: 30_000 },
  );
}

function clusterOf(
  template: Template,
  nodes: readonly ClusterNode[],
  proxies: readonly Proxy[],
): Cluster {
  const at = (index: number): ClusterNode => {
    const node = nodes[index];
    if (node === undefined) throw new RangeError(`The cluster has ${nodes.length} nodes.`);
    return node;
  };
  const ports = proxies.map(({ port }) => port);
  return {
    url: manyHosts(template.url, ports),
    adminUrl: manyHosts(template.adminUrl, ports),
    urlOf: (index) => through(template.url, ports[index] ?? 0),
    proxies,
    nameOf: (index) => `127.0.0.1:${ports[index]}`,
    query: (index, sql) => at(index).query(sql),
    kill: (index) => at(index).kill(),
    stop: (index) => at(index).stop(),
    cont: (index) => at(index).cont(),
    furthest: () => furthest(nodes),
    promote: (index, options) => promote(nodes, at(index), options?.strand === true),
    revive: (index) => at(index).start(),
    detach: (index) => detach(at(index)),
    lag: (index, ms) =>
      setting(at(index), 'recovery_min_apply_delay', ms === 0 ? '0ms' : `${ms}ms`),
    pauseReplay: async (index) => void (await at(index).query('select pg_wal_replay_pause()')),
    resumeReplay: async (index) => void (await at(index).query('select pg_wal_replay_resume()')),
    caughtUp: (primary) => caughtUp(nodes, at(primary)),
  };
}

/** What a killed server has sent may still be on its way: compared is when nobody receives any more. */
async function furthest(nodes: readonly ClusterNode[]): Promise<number> {
  const found: { index: number; lsn: bigint }[] = [];
  for (const node of nodes) {
    if (!node.isRunning) continue;
    const [[isStandby] = []] = await node.query('select pg_is_in_recovery()');
    if (isStandby !== 'true') continue;
    await eventually(async () => !(await isReceiving(node)), { withinMs: 60_000 });
    const [[bytes = '0'] = []] = await node.query(
      `select greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) - '0/0'::pg_lsn`,
    );
    found.push({ index: node.index, lsn: BigInt(bytes ?? '0') });
  }
  const [first, ...rest] = found;
  if (first === undefined) throw new Error('No standby runs.');
  return rest.reduce((best, one) => (one.lsn > best.lsn ? one : best), first).index;
}

async function isReceiving(node: ClusterNode): Promise<boolean> {
  const rows = await node.query(`select 1 from pg_stat_wal_receiver where status = 'streaming'`);
  return rows.length > 0;
}

async function promote(
  nodes: readonly ClusterNode[],
  node: ClusterNode,
  isStranding: boolean,
): Promise<void> {
  await node.query('select pg_promote(true, 60)');
  if (isStranding) return;
  const { hostname, port, username, password } = new URL(node.url);
  for (const other of nodes) {
    if (other === node || !other.isRunning) continue;
    const [[isStandby] = []] = await other.query('select pg_is_in_recovery()');
    if (isStandby !== 'true') continue;
    await other.query(
      `alter system set primary_conninfo = 'host=${hostname} port=${port} user=${username} password=${password} application_name=node${other.index}'`,
    );
    await other.query('select pg_reload_conf()');
  }
}

async function detach(node: ClusterNode): Promise<void> {
  await node.query(`alter system set primary_conninfo = ''`);
  await node.query('select pg_reload_conf()');
  await eventually(
    async () => (await node.query('select 1 from pg_stat_wal_receiver')).length === 0,
    { withinMs: 30_000 },
  );
}

async function caughtUp(nodes: readonly ClusterNode[], primary: ClusterNode): Promise<void> {
  const [[lsn = '0/0'] = []] = await primary.query('select pg_current_wal_flush_lsn()');
  for (const node of nodes) {
    if (node === primary || !node.isRunning) continue;
    await eventually(
      async () => {
        const [[reached] = []] = await node.query(
          `select pg_last_wal_replay_lsn() >= '${lsn}'::pg_lsn`,
        );
        return reached === 'true';
      },
      { withinMs: 30_000 },
    );
  }
}

function manyHosts(url: string, ports: readonly number[]): string {
  const { host } = new URL(url);
  return url.replace(`@${host}/`, `@${ports.map((port) => `127.0.0.1:${port}`).join(',')}/`);
}

async function createTemplate(migrations: readonly Migrations[]): Promise<Template> {
  const folder = await mkdtemp(join(tmpdir(), `${prefix}template-`));
  roots.push(folder);
  const server = await startEmbedded({
    folder,
    settings: { fsync: 'off', wal_level: 'replica', shared_buffers: '64MB' },
    endsWithStarter: true,
  });
  await migrate(server.adminUrl, migrations);
  const { url, adminUrl } = server;
  await server.stop();
  return { folder, url, adminUrl };
}
