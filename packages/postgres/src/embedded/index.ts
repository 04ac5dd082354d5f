import { writeFile, access, rm } from 'node:fs/promises';
import { resolve } from 'node:path';

import { noLog, Problem, type Log } from '@plinth/core';
import { Client } from 'pg';

import { ensureRoles, grantDatabase, loginRoles } from '../migrate/roles.ts';
import { bindToParent, findBinary, findRunner, type Runner } from './binaries.ts';
import {
  pathsIn,
  prepareDataFolder,
  rolePassword,
  superuser,
  syncDataFolder,
} from './data-folder.ts';
import { isAlive, readOwner, takeOwnership, writeOwner } from './owner-file.ts';
import { Keeper } from './keeper.ts';
import { readPostmaster, startPostmaster, stopPostmaster, type Postmaster } from './postmaster.ts';

export interface EmbeddedOptions {
  /** Holds the data, the password and the log. Made when it is not there. */
  readonly folder: string;
  /** 0, the default: any that is free. */
  readonly port?: number;
  readonly database?: string;
  readonly log?: Log;
  /** On top of the tuned ones, by the server's names: `{ shared_buffers: '1GB' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** For tests: the server ends when this process does, however that ends. Linux only. */
  readonly endsWithStarter?: boolean;
}

export interface EmbeddedUrls {
  /** Role plinth_app: what the product connects as. */
  readonly url: string;
  /** Superuser: makes roles and databases, runs migrations. */
  readonly adminUrl: string;
  readonly ownerUrl: string;
  /** Role plinth_loader: inserts past row security, for seeding alone. */
  readonly loaderUrl: string;
  readonly pid: number;
  readonly port: number;
}

export interface Embedded extends EmbeddedUrls {
  /** True where the server had outlived the process that started it. */
  readonly isAdopted: boolean;
  /** What a second start on this folder tells its user, such as the product's address. */
  publishUrl(url: string): Promise<void>;
  /** The same server's other database. */
  urlsOf(database: string): Pick<EmbeddedUrls, 'url' | 'adminUrl' | 'ownerUrl' | 'loaderUrl'>;
  stop(): Promise<void>;
}

export { bindToParent, findBinary, findRunner };

const databaseDefault = 'plinth';

/**
 * Starts PostgreSQL in a folder, or takes over the one that a killed process left running there. One that
 * ends without being asked to is started again on its port.
 *
 * @throws {Problem} `postgres.already_running` with `pid` and `url` of the first, `postgres.folder_not_writable`,
 *   `postgres.data_folder_broken`, `postgres.port_in_use`, `postgres.start_failed`, `postgres.no_binaries`
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const folder = resolve(options.folder);
  const { log = noLog, database = databaseDefault } = options;
  const runner = await findRunner();
  const secret = await prepareDataFolder(folder, runner);
  const { owner } = pathsIn(folder);
  await takeFolder(folder, owner);
  try {
    const orphan = await adopt(folder, secret);
    const { port = 0, settings = {}, endsWithStarter = false } = options;
    const start = (on: number) =>
      startPostmaster({ folder, runner, port: on, settings, endsWithStarter });
    const postmaster = orphan ?? (await start(port));
    const urlsOf = (name: string) => urlsFor(secret, postmaster, name);
    const { adminUrl } = urlsOf('postgres');
    const isNew = await prepare(folder, { secret, database, adminUrl });
    const synced = isNew && settings['fsync'] !== 'off' ? sync(folder, runner, log) : undefined;
    const urls = urlsOf(database);
    await writeOwner(owner, withoutPassword(urls.url));
    const isAdopted = orphan !== undefined;
    log.info('postgres.embedded_started', {
      pid: postmaster.pid,
      port: postmaster.port,
      isAdopted,
    });
    const keeper = new Keeper(postmaster, start, log);
    return {
      ...urls,
      get pid() {
        return keeper.postmaster.pid;
      },
      port: postmaster.port,
      isAdopted,
      urlsOf,
      publishUrl: (url) => writeOwner(owner, url),
      async stop() {
        const { pid } = keeper.postmaster;
        await synced;
        await keeper.stop();
        await rm(owner, { force: true });
        log.info('postgres.embedded_stopped', { pid });
      },
    };
  } catch (error) {
    await rm(owner, { force: true });
    throw error;
  }
}

/** The server that another process runs in this folder, for a command beside it. */
export async function findEmbedded(
  folder: string,
  database: string = databaseDefault,
): Promise<EmbeddedUrls | undefined> {
  const root = resolve(folder);
  const owner = await readOwner(pathsIn(root).owner);
  const found = await readPostmaster(root);
  if (owner === undefined || found?.status !== 'ready' || !(await isAlive(owner))) return undefined;
  const secret = await prepareDataFolder(root, await findRunner());
  return { ...urlsFor(secret, found, database), pid: found.pid, port: found.port };
}

async function takeFolder(folder: string, path: string): Promise<void> {
  const other = await takeOwnership(path);
  if (other === undefined) return;
  const where = other.url === '' ? '' : ` at ${other.url}`;
  throw new Problem(`Process ${other.pid} already runs it${where}.`, {
    code: 'postgres.already_running',
    kind: 'conflict',
    context: { folder, pid: other.pid, url: other.url },
  });
}

/** A server that answers is taken over; one that does not is ended. */
async function adopt(folder: string, secret: string): Promise<Postmaster | undefined> {
  const found = await readPostmaster(folder);
  if (found === undefined) return undefined;
  const client = new Client({
    connectionString: urlsFor(secret, found, 'postgres').adminUrl,
    connectionTimeoutMillis: 2_000,
  });
  // A failure comes by the connect.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return found;
  } catch {
    await stopPostmaster(found);
    return undefined;
  }
}

interface Preparation {
  readonly secret: string;
  readonly database: string;
  readonly adminUrl: string;
}

/** Roles and the database, once a folder: then it gives true. */
async function prepare(
  folder: string,
  { secret, database, adminUrl }: Preparation,
): Promise<boolean> {
  const { prepared } = pathsIn(folder);
  try {
    await access(prepared);
    return false;
  } catch {
    const client = new Client({ connectionString: adminUrl });
    await client.connect();
    try {
      await ensureRoles(client);
      for (const role of loginRoles) {
        const password = client.escapeLiteral(rolePassword(secret, role));
        await client.query(`alter role ${role} with login password ${password}`);
      }
      await createDatabaseOnce(client, database);
    } finally {
      await client.end();
    }
    await writeFile(prepared, '', { mode: 0o600 });
    return true;
  }
}

async function sync(folder: string, runner: Runner, log: Log): Promise<void> {
  try {
    await syncDataFolder(folder, runner);
  } catch (error) {
    log.warn('postgres.embedded_not_synced', { folder, error: String(error) });
  }
}

async function createDatabaseOnce(client: Client, database: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
  if (rowCount !== 0) return;
  await client.query(`create database ${client.escapeIdentifier(database)}`);
  await grantDatabase(client, database);
}

function urlsFor(secret: string, { port }: Postmaster, database: string) {
  const urlOf = (role: string) =>
    `postgres://${role}:${rolePassword(secret, role)}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  return {
    url: urlOf('plinth_app'),
    adminUrl: urlOf(superuser),
    ownerUrl: urlOf('plinth_owner'),
    loaderUrl: urlOf('plinth_loader'),
  };
}

function withoutPassword(url: string): string {
  const parsed = new URL(url);
  parsed.password = '';
  return parsed.href;
}
