import { join } from 'node:path';

import type { Log } from '@plinth/core';
import { findPrimaryUrl } from '@plinth/postgres';
import { findEmbedded, startEmbedded } from '@plinth/postgres/embedded';

import type { DatabaseUrls } from '../application.ts';
import { CommandFailure, exitCodes } from '../exit.ts';

export interface RunningDatabase {
  readonly urls: DatabaseUrls;
  readonly kind: 'embedded' | 'given';
  stop(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** For a command beside a running product: its database, else one of our own for as long as the command runs. */
export async function borrowDatabase(
  environment: Environment,
  dataFolder: string,
  log: Log,
): Promise<RunningDatabase> {
  const running =
    findGivenUrls(environment) === undefined
      ? await findEmbedded(join(dataFolder, 'postgres'))
      : undefined;
  if (running === undefined) return startDatabase(environment, dataFolder, log);
  const urls = { app: running.url, admin: running.adminUrl, loader: running.loaderUrl };
  return { urls, kind: 'embedded', stop: async () => {} };
}

/** The one named in `DATABASE_URL` (and `DATABASE_ADMIN_URL` for migrations), else one of our own in the data folder. */
export async function startDatabase(
  environment: Environment,
  dataFolder: string,
  log: Log,
): Promise<RunningDatabase> {
  const given = findGivenUrls(environment);
  if (given !== undefined) {
    // Migrations and imports speak to one server: of a cluster, to the one that leads.
    const [admin, loader] = await Promise.all([given.admin, given.loader].map(toPrimary));
    const urls = { app: given.app, admin: admin ?? given.admin, loader: loader ?? given.loader };
    return { urls, kind: 'given', stop: async () => {} };
  }
  const server = await startEmbedded({ folder: join(dataFolder, 'postgres'), log });
  return {
    urls: { app: server.url, admin: server.adminUrl, loader: server.loaderUrl },
    kind: 'embedded',
    stop: () => server.stop(),
  };
}

function toPrimary(url: string): Promise<string> {
  return url === '' ? Promise.resolve(url) : findPrimaryUrl(url);
}

/** @throws {CommandFailure} `usage` if only one of the two is set. */
function findGivenUrls(environment: Environment): DatabaseUrls | undefined {
  const app = environment['DATABASE_URL'] ?? '';
  const admin = environment['DATABASE_ADMIN_URL'] ?? '';
  if (app === '' && admin === '') return undefined;
  if (app === '') {
    throw new CommandFailure('DATABASE_ADMIN_URL is set, DATABASE_URL is not.', exitCodes.usage);
  }
  const loader = environment['DATABASE_LOADER_URL'] ?? '';
  return { app, admin: admin === '' ? app : admin, loader: loader === '' ? admin : loader };
}
