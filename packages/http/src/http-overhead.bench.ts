import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { createDatabase, migrate, sql, t } from '@plinth/postgres';
import { startEmbedded } from '@plinth/postgres/embedded';

import { migrations } from './migrations.ts';

const tenant = '01890a5d-ac96-774b-bcce-b302099a8057';
const note = '01890a5d-ac96-774b-bcce-b302099a8060';
const requests = 6_000;
const warmUp = 8_000;
const connections = 32;
const tickMicros = 10_000;

const insert = sql({ tenant: t.uuid, id: t.uuid }, {})`
  insert into app.note (tenant_id, id, version, text) values (${'tenant'}, ${'id'}, 7, 'a note')
  on conflict do nothing`;

interface Side {
  readonly child: ChildProcess;
  readonly url: string;
  readonly cookie: string;
}

async function startSide(kind: 'ours' | 'bare', databaseUrl: string): Promise<Side> {
  const script = fileURLToPath(new URL('./http-overhead-server.ts', import.meta.url));
  const child = spawn(process.execPath, [script, kind, databaseUrl, tenant], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  const { url, cookie } = Object(JSON.parse(String(line)));
  return { child, url, cookie };
}

/** Microseconds of CPU, user and system, that a process has used (fields 14 and 15 of its stat, proc(5)). */
async function cpuMicros({ child }: Side): Promise<number> {
  const stat = await readFile(`/proc/${child.pid ?? 0}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMicros;
}

async function drive({ url, cookie }: Side, path: string, count: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  // What a browser sends; the bare side gets it too.
  const headers = {
    cookie: `sid=${cookie}`,
    accept: 'application/json',
    'accept-encoding': 'gzip, deflate, br, zstd',
    'accept-language': 'en-GB,en;q=0.5',
    'sec-fetch-site': 'same-origin',
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  };
  const one = async () => {
    const sent = request(url + path, { agent, headers }).end();
    const [response] = await once(sent, 'response');
    if (response.statusCode !== 200) throw new Error(`${path} answers ${response.statusCode}`);
    response.resume();
    await once(response, 'end');
  };
  let left = count;
  const work = async () => {
    while ((left -= 1) >= 0) await one();
  };
  await Promise.all(Array.from({ length: connections }, work));
  agent.destroy();
}

async function measureSide(side: Side, path: string): Promise<number> {
  const before = await cpuMicros(side);
  await drive(side, path, requests);
  return ((await cpuMicros(side)) - before) / requests;
}

async function measureBoth(
  { ours, bare }: { readonly ours: Side; readonly bare: Side },
  path: string,
  oursFirst: boolean,
) {
  const result = { ours: 0, peer: 0 };
  for (const name of oursFirst ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const)) {
    result[name] = await measureSide(name === 'ours' ? ours : bare, path);
  }
  return result;
}

const claims = [
  // The same row by its key; ours under a tenant, with a session, a tag, a line in the log and a span.
  { name: 'read', path: `/v1/notes/${note}`, target: 0.4, peerName: 'bare Fastify and pg' },
  // No query on either side: what the chain alone costs.
  { name: 'chain', path: `/v1/constants/${note}`, target: 0.45, peerName: 'bare Fastify' },
];

export const bench = {
  name: 'http-overhead',
  async open() {
    const folder = await mkdtemp(join(tmpdir(), 'plinth-overhead-'));
    const server = await startEmbedded({ folder, settings: { fsync: 'off' } });
    const notes = { module: 'app', folder: new URL('../test-migrations/', import.meta.url) };
    await migrate(server.adminUrl, [migrations, notes]);
    const database = createDatabase({ url: server.url });
    const position = { get: () => undefined, advance: () => undefined };
    const context = { tenant, position, signal: AbortSignal.timeout(10_000) };
    await database.run(context, insert, { tenant, id: note });
    await database.drain();
    const ours = await startSide('ours', server.url);
    // The superuser's URL: a bare query has no tenant to be scoped to.
    const bare = await startSide('bare', server.adminUrl);
    for (const { path } of claims) {
      for (const side of [ours, bare]) await drive(side, path, warmUp);
    }
    const cases = claims.map(({ name, path, target, peerName }) => ({
      name,
      peerName,
      target,
      unit: 'µs of CPU a request',
      better: 'lower',
      rounds: 5,
      measure: (oursFirst: boolean) => measureBoth({ ours, bare }, path, oursFirst),
    }));
    return {
      cases,
      async close() {
        ours.child.stdin?.end();
        bare.child.stdin?.end();
        await server.stop();
        await rm(folder, { recursive: true });
      },
    };
  },
};
