import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, chown, constants, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { eventually } from './eventually.ts';
import { freePort, type Owner } from './redis.ts';

export interface PgBouncerOptions {
  /** The server behind it; its roles and passwords are taken from these. */
  readonly urls: readonly string[];
  /** Connections to the server for a role and database, default 20. */
  readonly poolSize?: number;
  /** Further settings by its own names: `{ query_wait_timeout: '5' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A real PgBouncer in transaction mode, on a free port of loopback. */
export interface PgBouncer {
  readonly port: number;
  readonly version: string;
  /** The same role and database through it. */
  through(url: string): string;
}

const execute = promisify(execFile);
const withinMs = 30_000;
const startTriesMax = 5;
const programs = ['/usr/sbin/pgbouncer', '/usr/local/sbin/pgbouncer', '/usr/bin/pgbouncer'];
/** Root may not run it: whom it becomes then. */
const unprivileged = { uid: 65_534, gid: 65_534 };

/**
 * Starts Debian's PgBouncer, which is installed where that is allowed.
 *
 * @throws {Error} where it is missing: it names the command that installs it.
 */
export async function startPgBouncer(owner: Owner, options: PgBouncerOptions): Promise<PgBouncer> {
  const program = await findProgram();
  const { stdout } = await execute(program, ['--version']);
  const version = /PgBouncer (\S+)/iu.exec(stdout)?.[1] ?? '';
  const folder = await mkdtemp(join(tmpdir(), 'plinth-pgbouncer-'));
  owner.after(() => rm(folder, { recursive: true, force: true }));
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    try {
      const child = await launch(program, { port, folder, options });
      owner.after(() => end(child));
      return { port, version, through: (url) => throughPort(url, port) };
    } catch (error) {
      // Somebody else may have taken the port meanwhile.
      if (tries === startTriesMax) throw error;
    }
  }
}

async function findProgram(): Promise<string> {
  const found = await presentProgram();
  if (found !== undefined) return found;
  const script = fileURLToPath(new URL('../../../scripts/engines.ts', import.meta.url));
  await execute(process.execPath, [script, 'pgbouncer']);
  const installed = await presentProgram();
  if (installed !== undefined) return installed;
  throw new Error('There is no pgbouncer: run node scripts/engines.ts pgbouncer');
}

async function presentProgram(): Promise<string | undefined> {
  for (const path of programs) {
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

interface Launch {
  readonly port: number;
  readonly folder: string;
  readonly options: PgBouncerOptions;
}

async function launch(program: string, { port, folder, options }: Launch): Promise<ChildProcess> {
  const file = join(folder, 'pgbouncer.ini');
  const users = join(folder, 'users.txt');
  const lines = options.urls.map((url) => {
    const { username, password } = new URL(url);
    return `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"`;
  });
  await writeFile(users, `${[...new Set(lines)].join('\n')}\n`);
  await writeFile(file, settingsOf(port, users, options));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    for (const path of [folder, file, users]) await chown(path, unprivileged.uid, unprivileged.gid);
  }
  await chmod(folder, 0o700);
  const child = spawn(program, ['--quiet', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(isRoot ? unprivileged : {}),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  try {
    await eventually(
      async () => {
        if (child.exitCode !== null) return;
        await answers(port);
      },
      { withinMs },
    );
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  if (child.exitCode !== null)
    throw new Error(`PgBouncer ended with ${child.exitCode}:\n${output}`);
  return child;
}

function settingsOf(port: number, users: string, options: PgBouncerOptions): string {
  const { hostname, port: serverPort } = new URL(options.urls[0] ?? 'postgres://127.0.0.1:5432');
  const settings: Readonly<Record<string, string>> = {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: users,
    pool_mode: 'transaction',
    default_pool_size: String(options.poolSize ?? 20),
    max_client_conn: '500',
    ignore_startup_parameters: 'extra_float_digits',
    server_reset_query: '',
    log_connections: '0',
    log_disconnections: '0',
    ...options.settings,
  };
  const rows = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  const server = `* = host=${hostname} port=${serverPort}`;
  return `[databases]\n${server}\n\n[pgbouncer]\n${rows.join('\n')}\n`;
}

function throughPort(url: string, port: number): string {
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String(port);
  return through.href;
}

/** @throws {Error} while nothing listens. */
async function answers(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

/** By its id, at once: its clients are ours. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
