import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { eventually } from './eventually.ts';

/** What ends with its owner: a test, or a bench with a list of its own. */
export interface Owner {
  after(end: () => Promise<void>): void;
}

export interface RedisOptions {
  /** Further settings, as on its command line without the dashes: `{ maxmemory: '8mb' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Begins by `sentinel`: a file of its own is written, since a sentinel rewrites it. */
  readonly sentinel?: string;
}

/** A real server on a free port of loopback, in a folder of its own. */
export interface RedisServer {
  readonly port: number;
  readonly url: string;
  readonly pid: () => number;
  /** One command by redis-cli. @throws {Error} for an answer that begins with an error. */
  run(...words: string[]): Promise<string>;
  stop(): void;
  cont(): void;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** On the same port and folder: what was saved there counts. */
  restart(): Promise<void>;
}

const execute = promisify(execFile);
const withinMs = 30_000;
const startTriesMax = 5;

/** @throws {Error} where there is no redis-server: it names the command that installs it. */
export async function startRedis(owner: Owner, options: RedisOptions = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-redis-'));
  let server: Running | undefined;
  for (let tries = 1; server === undefined; tries += 1) {
    const port = await freePort();
    try {
      server = await launch(port, folder, options);
    } catch (error) {
      // Somebody else may have taken the port meanwhile.
      if (tries === startTriesMax || isMissing(error)) throw error;
    }
  }
  let running = server;
  const { port } = running;
  owner.after(async () => {
    await end(running);
    await rm(folder, { recursive: true, force: true });
  });
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    pid: () => running.child.pid ?? -1,
    run: (...words) => runCommand(port, words),
    stop: () => void running.child.kill('SIGSTOP'),
    cont: () => void running.child.kill('SIGCONT'),
    kill: () => end(running),
    async restart() {
      await end(running);
      running = await launch(port, folder, options);
    },
  };
}

interface Running {
  readonly port: number;
  readonly child: ChildProcess;
}

async function launch(port: number, folder: string, options: RedisOptions): Promise<Running> {
  const settings = { bind: '127.0.0.1', port: String(port), dir: folder, ...options.settings };
  const flags = Object.entries({ save: '', ...settings }).flatMap(([name, value]) => [
    `--${name}`,
    value,
  ]);
  const args = options.sentinel === undefined ? flags : [options.sentinel, ...flags, '--sentinel'];
  const child = spawn('redis-server', options.sentinel === undefined ? flags : args, {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  child.once('exit', (code) => (failure ??= new Error(`It ended with ${code}:\n${output}`)));
  try {
    await eventually(
      async () => {
        if (failure !== undefined) return true;
        return (await runCommand(port, ['ping'])) === 'PONG';
      },
      { withinMs },
    );
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  if (isMissing(failure)) {
    throw new Error('There is no redis-server: run node scripts/engines.ts redis', {
      cause: failure,
    });
  }
  if (failure !== undefined) throw failure;
  return { port, child };
}

async function end({ child }: Running): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function runCommand(port: number, words: readonly string[]): Promise<string> {
  const { stdout } = await execute('redis-cli', ['-e', '-p', String(port), ...words], {
    timeout: withinMs,
  });
  return stdout.trim();
}

/** Free now; whoever binds it next has it. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
