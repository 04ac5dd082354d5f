import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { Client, Pool } from 'pg';

import { pointText } from './points-fixture.ts';

type Found = { id: number } | undefined;
type Ask = (id: number) => Promise<Found>;

export interface Side {
  readonly width: number;
  readonly ask: Ask;
  close(): Promise<unknown>;
}

/** The part of postgres.js that is used here. */
type PostgresJs = (
  url: string,
  options: { max: number },
) => {
  (text: TemplateStringsArray, id: number): Promise<Found[]>;
  end(): Promise<void>;
};

interface Kysely {
  readonly Kysely: new (o: { dialect: unknown }) => {
    selectFrom(table: string): {
      select(columns: readonly string[]): {
        where(column: string, operator: '=', id: number): { executeTakeFirst(): Promise<Found> };
      };
    };
    destroy(): Promise<void>;
  };
  readonly PostgresDialect: new (o: { pool: Pool }) => unknown;
}

interface Drizzle {
  drizzle(pool: Pool): {
    select(): {
      from(table: unknown): {
        where(condition: unknown): {
          prepare(name: string): { execute(values: object): Promise<Found[]> };
        };
      };
    };
  };
}

interface DrizzleTable {
  pgSchema(name: string): { table(name: string, columns: object): { id: unknown } };
  integer(name: string): { primaryKey(): unknown };
  text(name: string): unknown;
  bigint(name: string, o: object): unknown;
}

interface DrizzleSql {
  eq(column: unknown, value: unknown): unknown;
  sql: { placeholder(name: string): unknown };
}

interface Peers {
  readonly postgres: PostgresJs;
  readonly kysely: Kysely;
  readonly 'drizzle-orm': DrizzleSql;
  readonly 'drizzle-orm/pg-core': DrizzleTable;
  readonly 'drizzle-orm/node-postgres': Drizzle;
}

export const wide = 64;

/** The peers stand apart from the product's own dependencies. */
function loadPeer<name extends keyof Peers>(name: name): Peers[name] {
  const load = createRequire(pathToFileURL(resolve('bench/package.json')));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the part of the peer's interface that is used here
  return load(name) as Peers[name];
}

function openPool(url: string): Pool {
  const pool = new Pool({ connectionString: url, max: 10 });
  // What is idle when the server ends is no failure.
  pool.on('error', () => undefined);
  return pool;
}

export function pgPool(url: string): Side {
  const pool = openPool(url);
  const ask = async (id: number) => {
    const { rows } = await pool.query<{ id: number }>({
      name: 'point',
      text: pointText,
      values: [id],
    });
    return rows[0];
  };
  return { width: wide, ask, close: () => pool.end() };
}

export async function pgClient(url: string): Promise<Side> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const ask = async (id: number) => {
    const { rows } = await client.query<{ id: number }>({
      name: 'point',
      text: pointText,
      values: [id],
    });
    return rows[0];
  };
  return { width: 1, ask, close: () => client.end() };
}

export function postgresJs(url: string, max: number): Side {
  const sql = loadPeer('postgres')(url, { max });
  const ask = async (id: number) =>
    (await sql`select id, number, total from points.plain where id = ${id}`)[0];
  return { width: wide, ask, close: () => sql.end() };
}

export function kysely(url: string): Side {
  const { Kysely, PostgresDialect } = loadPeer('kysely');
  const pool = openPool(url);
  const database = new Kysely({ dialect: new PostgresDialect({ pool }) });
  const ask = (id: number) =>
    database
      .selectFrom('points.plain')
      .select(['id', 'number', 'total'])
      .where('id', '=', id)
      .executeTakeFirst();
  return { width: wide, ask, close: () => database.destroy() };
}

export function drizzle(url: string): Side {
  const { pgSchema, integer, text, bigint } = loadPeer('drizzle-orm/pg-core');
  const { eq, sql } = loadPeer('drizzle-orm');
  const pool = openPool(url);
  const plain = pgSchema('points').table('plain', {
    id: integer('id').primaryKey(),
    number: text('number'),
    total: bigint('total', { mode: 'number' }),
  });
  const prepared = loadPeer('drizzle-orm/node-postgres')
    .drizzle(pool)
    .select()
    .from(plain)
    .where(eq(plain.id, sql.placeholder('id')))
    .prepare('point');
  const ask = async (id: number) => (await prepared.execute({ id }))[0];
  return { width: wide, ask, close: () => pool.end() };
}
