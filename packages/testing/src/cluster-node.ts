import { spawn, type ChildProcess } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { appendFile, cp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { bindToParent, findBinary, findRunner } from '@plinth/postgres/embedded';
import { Client } from 'pg';

import { eventually } from './eventually.ts';

/** Nothing here outlives its test, so nothing needs to reach the disk. */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  full_page_writes: 'off',
  shared_buffers: '32MB',
  max_connections: '150',
  wal_level: 'replica',
  wal_keep_size: '512MB',
  hot_standby: 'on',
  // The server counts in whole seconds: less is none, and a standby's answer then comes with its replay.
  wal_receiver_status_interval: '1s',
  wal_retrieve_retry_interval: '100ms',
  wal_receiver_timeout: '5s',
  wal_sender_timeout: '5s',
  max_standby_streaming_delay: '5s',
  shared_preload_libraries: '',
  jit: 'off',
  autovacuum: 'off',
  log_timezone: 'UTC',
  timezone: 'UTC',
};
const startMsMax = 60_000;

/** One server of a cluster: its folder, its process, and a superuser's connection. */
export class ClusterNode {
  readonly index: number;
  readonly port: number;
  readonly folder: string;
  readonly #adminUrl: string;
  #child: ChildProcess | undefined;
  #admin: Client | undefined;

  private constructor(index: number, port: number, from: { folder: string; adminUrl: string }) {
    this.index = index;
    this.port = port;
    this.folder = from.folder;
    this.#adminUrl = through(from.adminUrl, port);
  }

  /** A copy of a server that was stopped in order: what `pg_basebackup` does for one that runs. */
  static async copy(
    index: number,
    { template, folder, adminUrl }: { template: string; folder: string; adminUrl: string },
  ): Promise<ClusterNode> {
    await cp(template, folder, { recursive: true });
    const node = new ClusterNode(index, await findFreePort(), { folder, adminUrl });
    return node;
  }

  /** Where its clients and its followers reach it without a proxy. */
  get url(): string {
    return this.#adminUrl;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  /** From the next start on it follows this server. */
  async follow(upstream: string): Promise<void> {
    const { hostname, port, username, password } = new URL(upstream);
    const conninfo = `host=${hostname} port=${port} user=${username} password=${password} application_name=node${this.index}`;
    await writeFile(join(this.folder, 'standby.signal'), '');
    await appendFile(
      join(this.folder, 'postgresql.auto.conf'),
      `\nprimary_conninfo = '${conninfo}'\nrecovery_target_timeline = 'latest'\n`,
    );
  }

  async start(extra: Readonly<Record<string, string>> = {}): Promise<void> {
    const flags = Object.entries({ ...settings, ...extra }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    const log = openSync(`${this.folder}.log`, 'a', 0o600);
    const runner = await findRunner();
    const { file, args } = runner.wrap(
      bindToParent({
        file: findBinary('postgres'),
        args: ['-D', this.folder, '-p', String(this.port), ...flags],
      }),
    );
    const child = spawn(file, [...args], {
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#child = child;
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined;
    });
    await eventually(async () => hasEnded(child) || (await this.#isReady(child)), {
      withinMs: startMsMax,
    });
    if (hasEnded(child)) {
      throw new Error(`node ${this.index} did not start:\n${await this.logs()}`);
    }
  }

  async #isReady(child: ChildProcess): Promise<boolean> {
    const pid = await readFile(join(this.folder, 'postmaster.pid'), 'utf8').catch(() => '');
    const [first, , , , , , , status = ''] = pid.split('\n').map((line) => line.trim());
    return first === String(child.pid) && (status === 'ready' || status === 'standby');
  }

  async logs(): Promise<string> {
    return (await readFile(`${this.folder}.log`, 'utf8').catch(() => '')).slice(-4_000);
  }

  /** Rows as text, asked as the superuser past the proxy. */
  async query(sql: string): Promise<readonly (readonly (string | null)[])[]> {
    const admin = (this.#admin ??= await this.#connect());
    const { rows } = await admin.query<(string | boolean | null)[]>({
      text: sql,
      rowMode: 'array',
    });
    return rows.map((row) => row.map((value) => (value === null ? null : String(value))));
  }

  async #connect(): Promise<Client> {
    const client = new Client({ connectionString: this.#adminUrl });
    const forget = () => {
      if (this.#admin === client) this.#admin = undefined;
    };
    client.on('error', forget);
    client.on('end', forget);
    await client.connect();
    return client;
  }

  /** Ends the server with all its sessions, as a machine does that loses power. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    signalTree(await childrenOf(child.pid), 'SIGKILL');
    signalTree([child.pid], 'SIGKILL');
    await ended;
    this.#admin = undefined;
  }

  /** In order: what was written is there, and its followers have it. */
  async shutDown(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await this.#admin?.end().catch(() => undefined);
    this.#admin = undefined;
    signalTree([child.pid], 'SIGINT');
    await ended;
  }

  /** Every process of it stands still: its sockets stay open and answer nothing. */
  async stop(): Promise<void> {
    if (this.pid === 0) return;
    signalTree([this.pid, ...(await childrenOf(this.pid))], 'SIGSTOP');
  }

  async cont(): Promise<void> {
    if (this.pid === 0) return;
    signalTree([...(await childrenOf(this.pid)), this.pid], 'SIGCONT');
  }

  async remove(): Promise<void> {
    await this.cont();
    await this.#admin?.end().catch(() => undefined);
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
    await rm(`${this.folder}.log`, { force: true });
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** The same address behind another port. */
export function through(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}

function signalTree(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      // It ended by itself just now.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

async function findFreePort(): Promise<number> {
  const probe = createServer();
  const { promise, resolve } = Promise.withResolvers<number>();
  probe.listen(0, '127.0.0.1', () => {
    const address = probe.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    probe.close(() => resolve(port));
  });
  return promise;
}
