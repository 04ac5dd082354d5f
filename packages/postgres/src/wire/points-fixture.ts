import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Client } from 'pg';

import { t } from '../codecs.ts';
import type { Context } from '../context.ts';
import { startEmbedded, type Embedded } from '../embedded/index.ts';
import { migrate } from '../migrate/migrate.ts';
import { sql } from '../sql.ts';

const rowsMax = 100_000;
export const tenant = '0198c0de-0000-7000-8000-00000000000a';

/** What the peers send; the same rows, without a tenant. */
export const pointText = 'select id, number, total from points.plain where id = $1';
export const plainPoint = sql({ id: t.int4 }, row(), { hot: true })`
  select id, number, total from points.plain where id = ${'id'}`;
export const scopedPoint = sql({ id: t.int4 }, row(), { hot: true })`
  select id, number, total from points.scoped where id = ${'id'}`;
export const plainPage = sql({ from: t.int4, rows: t.int8n }, row())`
  select id, number, total from points.plain where id >= ${'from'} order by id limit ${'rows'}`;
export const scopedPage = sql({ from: t.int4, rows: t.int8n }, row())`
  select id, number, total from points.scoped where id >= ${'from'} order by id limit ${'rows'}`;

function row() {
  return { id: t.int4, number: t.text, total: t.int8n };
}

const tables = `
  create schema points;
  create table points.plain (id int primary key, number text not null, total bigint not null);
  insert into points.plain select i, 'INV-' || i, i * 100 from generate_series(1, ${rowsMax}) i;
  create table points.scoped (tenant_id uuid not null, id int not null, number text not null,
    total bigint not null, primary key (tenant_id, id));
  insert into points.scoped select '${tenant}', id, number, total from points.plain;
  alter table points.scoped enable row level security;
  alter table points.scoped force row level security;
  create policy tenant on points.scoped using (tenant_id = current_setting('app.tenant')::uuid);
  create table points.copied (id int, number text, total bigint);
  grant usage on schema points to plinth_app;
  grant select on points.plain, points.scoped to plinth_app;
  grant select, insert, truncate on points.copied to plinth_app;`;

export interface Points {
  readonly server: Embedded;
  readonly folder: string;
  close(): Promise<void>;
}

/** A server of its own with 100,000 rows, twice: with row security and without. */
export async function openPoints(): Promise<Points> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-points-'));
  const server = await startEmbedded({
    folder,
    settings: { fsync: 'off', max_connections: '200' },
    endsWithStarter: true,
  });
  await migrate(server.adminUrl, []);
  const admin = new Client({ connectionString: server.adminUrl });
  await admin.connect();
  await admin.query(tables);
  await admin.query('vacuum (analyze) points.plain');
  await admin.query('vacuum (analyze) points.scoped');
  await admin.end();
  const close = async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  };
  return { server, folder, close };
}

export function contextOf(of: string): Context {
  const { signal } = new AbortController();
  return { tenant: of, signal, position: { get: () => undefined, advance: () => undefined } };
}

export interface Rate {
  readonly perSecond: number;
  readonly cpuMicros: number;
}

function randomId(): number {
  return 1 + Math.floor(Math.random() * rowsMax);
}

/** `width` callers ask, each again as soon as it has its answer, for `ms`. Every answer is checked. */
export async function drive(
  width: number,
  ms: number,
  ask: (id: number) => Promise<{ id: number } | undefined>,
): Promise<Rate> {
  let count = 0;
  const cpu = process.cpuUsage();
  const began = performance.now();
  const endsAt = began + ms;
  const loop = async () => {
    while (performance.now() < endsAt) {
      const id = randomId();
      const found = await ask(id);
      if (found?.id !== id) throw new Error(`Asked for ${id}, got ${found?.id}.`);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: width }, loop));
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - began) / 1_000;
  return { perSecond: count / seconds, cpuMicros: (user + system) / count };
}

const pgbench = '/usr/lib/postgresql/15/bin/pgbench';

/** @throws without Debian's package postgresql-15. @returns transactions a second. */
export async function runPgbench(url: string, clients: number, seconds: number): Promise<number> {
  const file = join(tmpdir(), `plinth-point-${process.pid}.sql`);
  await writeFile(
    file,
    `\\set id random(1, ${rowsMax})\nselect id, number, total from points.plain where id = :id;\n`,
  );
  const flags = ['-n', '-M', 'prepared', '-j', '1', '-c', `${clients}`, '-T', `${seconds}`];
  const { stdout } = await promisify(execFile)(pgbench, [...flags, '-f', file, url]);
  await rm(file);
  // On a machine that is busy many clients may not get so far as to begin.
  const [, rate = '0'] = /tps = ([\d.]+)/u.exec(stdout) ?? [];
  return Number(rate);
}
