import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Config, Log } from '@plinth/core';
import type { Mix } from '@plinth/load';
import type { Migrations } from '@plinth/postgres';
import type { Kpis } from '@plinth/telemetry/kpi';

import { CommandFailure, exitCodes } from './exit.ts';

/** Where the databases of one installation are reached, each under its own role. */
export interface DatabaseUrls {
  /** Role `plinth_app`. */
  readonly app: string;
  /** May create roles, and runs migrations. */
  readonly admin: string;
  /** Role `plinth_loader`, for seeding alone. */
  readonly loader: string;
}

export interface Account {
  readonly email: string;
  readonly password: string;
  readonly role: string;
}

export interface StartOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly urls: DatabaseUrls;
  /** Blobs, keys and the like. */
  readonly dataFolder: string;
  /** Of the built UI; undefined: the API alone. */
  readonly assetsFolder: string | undefined;
  readonly log: Log;
}
export interface Running {
  /** `http://127.0.0.1:3000` */
  readonly url: string;
  readonly opsUrl: string;
  /** @returns the exit code. */
  stop(reason: string): Promise<number>;
}

export interface SeedOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly urls: DatabaseUrls;
  readonly dataFolder: string;
  readonly profile: string;
  /** The same number gives the same data. */
  readonly seed: number;
  readonly reset: boolean;
  readonly resume: boolean;
  readonly signal: AbortSignal;
  /** @param fraction 0 … 1 */
  onProgress(step: string, fraction: number, detail: string): void;
}
export interface SeedReport {
  readonly invoices: number;
  readonly lines: number;
  readonly tookMs: number;
  /** Rows and a checksum a table: equal for equal profile and seed. */
  readonly tables: readonly { table: string; rows: number; checksum: string }[];
}

export interface CompanyOptions extends Pick<SeedOptions, 'environment' | 'urls' | 'dataFolder'> {
  readonly company: {
    readonly name: string;
    /** ISO 4217. */
    readonly currency: string;
    /** ISO 3166-1 alpha-2. */
    readonly country: string;
    /** IANA. */
    readonly zone: string;
    /** BCP 47. */
    readonly locale: string;
  };
  readonly owner: Pick<Account, 'email'> & { readonly name: string };
}
export interface AddedCompany {
  readonly tenantId: string;
  readonly email: string;
  /** Undefined: the owner has an account already, and its password. */
  readonly password: string | undefined;
}

/** What the processes share of their caches. */
export interface SharedCache {
  /** Undefined: absent, or not to be trusted any more. */
  entry(key: string): Promise<object | undefined>;
  invalidate(names: {
    readonly tags: readonly string[];
    readonly keys: readonly string[];
  }): Promise<{ readonly position: string | undefined; readonly delivered: boolean }>;
  close(): Promise<void>;
}

/** What the command needs to know of the product: the only door between the two. */
export interface Application {
  readonly configs: readonly Config[];
  readonly migrations: readonly Migrations[];
  readonly profiles: readonly string[];
  readonly demoAccounts: readonly Account[];
  /** @returns the folder of the built UI; builds only when its sources changed. */
  buildWeb(force: boolean): Promise<{ folder: string; built: boolean }>;
  start(options: StartOptions): Promise<Running>;
  /** A company and its first account: for an installation that is empty. */
  addCompany(options: CompanyOptions): Promise<AddedCompany>;
  /** True once the demo data is complete. */
  isSeeded(options: Pick<SeedOptions, 'urls' | 'profile'>): Promise<boolean>;
  seed(options: SeedOptions): Promise<SeedReport>;
  /** Undefined where processes share nothing. */
  openCache(environment: StartOptions['environment']): Promise<SharedCache | undefined>;
  readonly load: {
    readonly mix: Mix;
    readonly kpis: Kpis;
    /** Who signs in for a load: the accounts of a seeded profile, by default of the largest one there is. */
    accounts(profile?: string): Promise<readonly Pick<Account, 'email' | 'password'>[]>;
  };
}

export interface Project {
  readonly root: string;
  readonly application: Application;
}

/**
 * Finds the project: the nearest package.json above with a `plinth.application`.
 *
 * @throws {CommandFailure} `usage` outside a project.
 */
export async function loadProject(from: string): Promise<Project> {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const entry = await readEntry(join(folder, 'package.json'));
    if (entry !== undefined) {
      const file = pathToFileURL(join(folder, entry)).href;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the project's own entry, written against this interface
      const { application } = (await import(file)) as { application: Application };
      return { root: folder, application };
    }
    if (dirname(folder) === folder) break;
  }
  throw new CommandFailure(
    'This folder is not in a Plinth project.',
    exitCodes.usage,
    'Run it where package.json names plinth.application.',
  );
}

async function readEntry(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const json: unknown = JSON.parse(text);
  if (typeof json !== 'object' || json === null || !('plinth' in json)) return undefined;
  const { plinth } = json;
  if (typeof plinth !== 'object' || plinth === null || !('application' in plinth)) return undefined;
  return typeof plinth.application === 'string' ? plinth.application : undefined;
}
