import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Client } from 'pg';

import { Connection } from './connection.ts';
import { formatCopyRow } from './copy-text.ts';
import { createDatabase } from './create-database.ts';
import type { CopyTarget, Database } from './database.ts';
import { contextOf, openPoints, tenant, type Points } from './wire/points-fixture.ts';
import { targetOf } from './wire/target.ts';

const run = promisify(execFile);
const psql = '/usr/lib/postgresql/15/bin/psql';
const rowsCount = 500_000;
const rounds = 5;
const table = 'points.copied';

interface Line {
  readonly id: number;
  readonly number: string;
  readonly total: number;
}

const target: CopyTarget<Line> = {
  table,
  columns: ['id', 'number', 'total'],
  toFields: ({ id, number, total }) => [String(id), number, String(total)],
};

function* lines(): Generator<Line, void, void> {
  for (let id = 1; id <= rowsCount; id += 1) yield { id, number: `INV-${id}`, total: id * 100 };
}

/** What a file holds as it is, from the disk to the socket. */
async function copyFile(connection: Connection, file: string): Promise<void> {
  const { signal } = new AbortController();
  const source = createReadStream(file, { highWaterMark: 65_536 });
  await connection.copyIn(`copy ${table} (id, number, total) from stdin`, source, signal);
}

async function copyObjects(database: Database): Promise<void> {
  await database.copyIn(contextOf(tenant), target, lines());
}

/** By its own `\timing`, so that neither its start nor its connecting is counted. */
async function copyByPsql(url: string, file: string): Promise<number> {
  const args = ['-X', '-q', '-d', url, '-c', String.raw`\timing on`];
  const copy = String.raw`\copy ${table} (id, number, total) from '${file}'`;
  const { stdout } = await run(psql, [...args, '-c', copy]);
  const [, ms] = /Time: ([\d.]+) ms/u.exec(stdout) ?? [];
  if (ms === undefined) throw new Error(`psql said: ${stdout}`);
  return rowsCount / (Number(ms) / 1_000);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const beganMs = performance.now();
  await work();
  return rowsCount / ((performance.now() - beganMs) / 1_000);
}

interface Sides {
  readonly points: Points;
  readonly admin: Client;
  readonly database: Database;
  readonly connection: Connection;
  readonly file: string;
}

async function openSides(): Promise<Sides> {
  const points = await openPoints();
  const { url, adminUrl } = points.server;
  const file = join(points.folder, 'lines.copy');
  const texts: string[] = [];
  for (const line of lines()) texts.push(formatCopyRow(target.toFields(line)));
  await writeFile(file, texts.join(''));
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  const connection = await Connection.open({
    target: targetOf(url, 'bench'),
    namedMax: 256,
    mono: () => performance.now(),
  });
  return { points, admin, database: createDatabase({ url }), connection, file };
}

/** Each copies into the table when it is empty; what it holds then is compared. */
async function copied({ admin }: Sides, copy: () => Promise<number>): Promise<number> {
  await admin.query(`truncate ${table}`);
  await admin.query('checkpoint');
  const perSecond = await copy();
  const { rows } = await admin.query(
    `select count(*)::int as n, sum(total)::text as sum from ${table}`,
  );
  const sum = String((rowsCount * (rowsCount + 1) * 100) / 2);
  const [found] = rows;
  if (found?.n !== rowsCount || found.sum !== sum) throw new Error('Not all rows are there.');
  return perSecond;
}

/** COPY into a table without row security, beside psql with the same lines from a file. */
export const bench = {
  name: 'copy',
  async open() {
    const sides = await openSides();
    const { points, admin, database, connection, file } = sides;
    const claims = [
      { name: 'raw', target: 0.95, ours: () => timed(() => copyFile(connection, file)) },
      { name: 'objects', target: 0.75, ours: () => timed(() => copyObjects(database)) },
    ];
    const cases = claims.map(({ name, target: wanted, ours }) => ({
      name,
      target: wanted,
      peerName: String.raw`psql \copy of the same file`,
      unit: 'rows/s',
      better: 'higher',
      rounds,
      async measure(oursFirst: boolean) {
        const result = { ours: 0, peer: 0 };
        for (const side of oursFirst ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const)) {
          const copy = side === 'ours' ? ours : () => copyByPsql(points.server.url, file);
          result[side] = await copied(sides, copy);
        }
        return result;
      },
    }));
    const close = async () => {
      await admin.end();
      await connection.close();
      await database.drain(0);
      await points.close();
    };
    return { cases, close };
  },
};
