import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';

import {
  createDatabase,
  migrate,
  type Database,
  type DatabaseOptions,
  type Migrations,
} from '@plinth/postgres';

import { getServer } from './server.ts';

export interface CloneOptions {
  /** Default: none but the schema `plinth` of @plinth/postgres itself. */
  readonly migrations?: readonly Migrations[];
}

export interface DatabaseClone {
  /** Role plinth_app: row security holds. */
  readonly url: string;
  /** Superuser: row security does not hold. */
  readonly adminUrl: string;
  readonly ownerUrl: string;
  /** Role plinth_loader. */
  readonly loaderUrl: string;
}

const templates = new Map<string, Promise<string>>();

/** A database of its own for one test: a copy of a template that was migrated once, so it costs about 10 ms. */
export async function cloneDatabase(
  t: TestContext,
  options: CloneOptions = {},
): Promise<DatabaseClone> {
  return (await clone(t, options)).urls;
}

export type OpenOptions = CloneOptions & Omit<DatabaseOptions, 'url'>;

/** The same, opened as plinth_app; drained when the test is over. */
export async function openDatabase(
  t: TestContext,
  { migrations, ...options }: OpenOptions = {},
): Promise<Database> {
  const { urls, closers } = await clone(t, migrations === undefined ? {} : { migrations });
  const database = createDatabase({ ...options, url: urls.url });
  closers.push(() => database.drain(0));
  return database;
}

interface Clone {
  readonly urls: DatabaseClone;
  /** Run before the database is dropped. */
  readonly closers: (() => Promise<unknown>)[];
}

async function clone(t: TestContext, { migrations = [] }: CloneOptions): Promise<Clone> {
  const key = migrations.map(({ module, folder }) => `${module} ${folder.href}`).join('\n');
  const template = templates.get(key) ?? createTemplate(migrations);
  templates.set(key, template);
  const from = await template;
  const server = await getServer();
  const name = createName();
  await server.run(`create database ${name} template ${from} strategy file_copy`);
  const closers: Clone['closers'] = [];
  t.after(async () => {
    await Promise.all(closers.map((close) => close()));
    await server.run(`drop database ${name} with (force)`);
  });
  return { urls: server.embedded.urlsOf(name), closers };
}

async function createTemplate(migrations: readonly Migrations[]): Promise<string> {
  const server = await getServer();
  const name = createName();
  await server.run(`create database ${name} template template0`);
  await migrate(server.embedded.urlsOf(name).adminUrl, migrations);
  return name;
}

function createName(): string {
  return `test_${randomBytes(6).toString('hex')}`;
}
