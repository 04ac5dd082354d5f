import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { Problem } from '@plinth/core';

import { bindToParent, findBinary, type Runner } from './binaries.ts';
import { isCode, pathsIn } from './data-folder.ts';
import { isRunning } from './owner-file.ts';
import { settingFlags } from './settings.ts';

/** A server process, ours or found. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

const startTimeoutMs = 30_000;
/** Fast, immediate, and at last by force. */
const endings = [
  { signal: 'SIGINT', graceMs: 10_000 },
  { signal: 'SIGQUIT', graceMs: 2_000 },
  { signal: 'SIGKILL', graceMs: 2_000 },
] as const;
const pollMs = 5;
const portTries = 3;
const leftoverMs = 15_000;
const leftoverPollMs = 100;

export interface StartOptions {
  readonly folder: string;
  readonly runner: Runner;
  /** 0: any that is free. */
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
  /** The server ends when this process does, however that ends. */
  readonly endsWithStarter: boolean;
}

/** @throws {Problem} `postgres.start_failed` with the server's last words. */
export async function startPostmaster(o: StartOptions): Promise<Postmaster> {
  const waitUntil = performance.now() + leftoverMs;
  for (let tried = 1; ; tried += 1) {
    const port = o.port === 0 ? await findFreePort() : o.port;
    const result = await tryStart(o, port);
    if (typeof result !== 'string') return result;
    const isTaken = result.includes('Address already in use');
    if (isTaken && o.port === 0 && tried < portTries) continue;
    if (!isLeftover(result) || performance.now() > waitUntil) throw notStarted(o, port, result);
    await sleep(leftoverPollMs);
  }
}

function notStarted({ folder }: StartOptions, port: number, log: string): Problem {
  const isTaken = log.includes('Address already in use');
  return new Problem(
    isTaken ? `The port ${port} is in use.` : 'The database server did not start.',
    {
      code: isTaken ? 'postgres.port_in_use' : 'postgres.start_failed',
      kind: 'unavailable',
      context: { folder, log },
    },
  );
}

/** Sessions of a server that was killed hold its memory until they notice. */
function isLeftover(log: string): boolean {
  return /pre-existing shared memory block|is still in use|lock file "postmaster.pid" already exists/u.test(
    log,
  );
}

/** @returns the server, or what it said before it ended. */
async function tryStart(o: StartOptions, port: number): Promise<Postmaster | string> {
  const paths = pathsIn(o.folder);
  const log = await open(paths.log, 'a', 0o600);
  const { size: logStart } = await log.stat();
  const server = {
    file: findBinary('postgres'),
    args: ['-D', paths.data, '-p', String(port), ...settingFlags(o.settings)],
  };
  const { file, args } = o.runner.wrap(o.endsWithStarter ? bindToParent(server) : server);
  // A group of its own: a Ctrl-C in the terminal reaches this process only, which then stops the server in order.
  const child = spawn(file, [...args], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  child.unref();
  const ended = new AbortController();
  child.once('exit', () => ended.abort());
  child.once('error', () => ended.abort());
  try {
    const stopAt = performance.now() + startTimeoutMs;
    while (!ended.signal.aborted && performance.now() < stopAt) {
      const found = await readPostmaster(o.folder);
      if (found?.status === 'ready' && found.pid === child.pid) return { pid: found.pid, port };
      await sleep(pollMs);
    }
    if (!ended.signal.aborted) child.kill('SIGQUIT');
    return await readLog(paths.log, logStart);
  } finally {
    await log.close();
  }
}

async function readLog(path: string, from: number): Promise<string> {
  const text = (await readFile(path)).subarray(from).toString();
  return text.slice(-2_000);
}

interface Found extends Postmaster {
  readonly status: string;
}

/** What a running server wrote about itself; undefined where none runs. */
export async function readPostmaster(folder: string): Promise<Found | undefined> {
  let text: string;
  try {
    text = await readFile(pathsIn(folder).postmasterPid, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  // Lines: pid, data folder, start, port, socket folder, address, shared memory, status.
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !isRunning(pid)) return undefined;
  if (!(await isPostgres(pid))) return undefined;
  return { pid, port: Number(lines[3]), status: lines[7] ?? '' };
}

/** An id of before a reboot can be anybody's by now. */
async function isPostgres(pid: number): Promise<boolean> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).includes('postgres');
  } catch (error) {
    return !isCode(error, 'ENOENT') || process.platform !== 'linux';
  }
}

/** Ends it in order; where it had to be forced, the next start recovers. */
export async function stopPostmaster({ pid }: Postmaster): Promise<void> {
  for (const { signal, graceMs } of endings) {
    if (!isRunning(pid)) return;
    process.kill(pid, signal);
    // One that was stopped hears nothing until it goes on.
    process.kill(pid, 'SIGCONT');
    const stopAt = performance.now() + graceMs;
    while (performance.now() < stopAt) {
      if (!isRunning(pid)) return;
      await sleep(pollMs);
    }
  }
}

async function findFreePort(): Promise<number> {
  const probe = createServer();
  const { promise, resolve } = Promise.withResolvers<number>();
  probe.listen(0, '127.0.0.1', () => {
    const address = probe.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    probe.close(() => resolve(port));
  });
  return promise;
}
