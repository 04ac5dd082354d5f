import { join } from 'node:path';

import type { Log } from '@plinth/core';
import { startEmbedded } from '@plinth/postgres/embedded';

import type { DatabaseUrls } from '../application.ts';
import { CommandFailure, exitCodes } from '../exit.ts';

export interface RunningDatabase {
  readonly urls: DatabaseUrls;
  readonly kind: 'embedded' | 'given';
  stop(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The one named in `DATABASE_URL` (and `DATABASE_ADMIN_URL` for migrations), else one of our own in the data folder. */
export async function startDatabase(
  environment: Environment,
  dataFolder: string,
  log: Log,
): Promise<RunningDatabase> {
  const given = findGivenUrls(environment);
  if (given !== undefined) return { urls: given, kind: 'given', stop: async () => {} };
  const server = await startEmbedded({ folder: join(dataFolder, 'postgres'), log });
  return {
    urls: { app: server.url, admin: server.adminUrl },
    kind: 'embedded',
    stop: () => server.stop(),
  };
}

/** @throws {CommandFailure} `usage` if only one of the two is set. */
export function findGivenUrls(environment: Environment): DatabaseUrls | undefined {
  const app = environment['DATABASE_URL'] ?? '';
  const admin = environment['DATABASE_ADMIN_URL'] ?? '';
  if (app === '' && admin === '') return undefined;
  if (app === '') {
    throw new CommandFailure('DATABASE_ADMIN_URL is set, DATABASE_URL is not.', exitCodes.usage);
  }
  return { app, admin: admin === '' ? app : admin };
}
