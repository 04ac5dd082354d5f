import { randomBytes } from 'node:crypto';
import {
  access,
  constants,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  statfs,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { CommandFailure, exitCodes } from '../exit.ts';

/** `.plinth` beside package.json, or `PLINTH_DATA`. */
export function dataFolderOf(
  root: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const own = environment['PLINTH_DATA'] ?? '';
  return own === '' ? join(root, '.plinth') : own;
}

/** Magic numbers of Linux's statfs(2): what lies there is made by the kernel, and nobody can keep a file in it. */
const kernelFileSystems = new Set([
  0x9fa0, 0x62656572, 0x27e0eb, 0x63677270, 0x64626720, 0x74726163,
]);

/** @throws {CommandFailure} `missing` if it cannot be written. */
export async function prepareDataFolder(folder: string): Promise<void> {
  try {
    // A recursive mkdir below /proc never ends in Node 24: each parent is there, and yet ENOENT.
    if (await isOfKernel(resolve(folder))) throw new Error('A file system of the kernel.');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new CommandFailure(
      `The data folder ${folder} cannot be written.`,
      exitCodes.missing,
      'Give this user the right to, or name another one in PLINTH_DATA.',
      error,
    );
  }
}

/** Whether the nearest folder above that exists is one of the kernel's own: /proc, /sys and the like. */
async function isOfKernel(path: string): Promise<boolean> {
  try {
    return kernelFileSystems.has((await statfs(path)).type);
  } catch (error) {
    const above = dirname(path);
    if (above === path || !(isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR'))) return false;
    return isOfKernel(above);
  }
}

/** The key that all others are derived from, made at the first start; in production it comes from outside. */
export async function readMasterKey(folder: string): Promise<string> {
  const path = join(folder, 'master.key');
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(`dev:${randomBytes(32).toString('base64')}\n`);
    await file.sync();
    await file.close();
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  }
  return (await readFile(path, 'utf8')).trim();
}

interface RunFile {
  readonly pid: number;
  readonly pidStart: string;
  readonly url: string;
}

/**
 * Holds the folder for this process until `release`.
 *
 * @throws {CommandFailure} `bad`, with the address of the one that runs already.
 */
export async function holdDataFolder(folder: string, url: string): Promise<() => Promise<void>> {
  const path = join(folder, 'run.json');
  const running = await readRunFile(path);
  if (running !== undefined && (await startOf(running.pid)) === running.pidStart) {
    throw new CommandFailure(
      `Plinth already runs here: ${running.url} (process ${running.pid}).`,
      exitCodes.bad,
      'Stop it with Ctrl-C in its terminal, or use it as it is.',
    );
  }
  const own: RunFile = { pid: process.pid, pidStart: (await startOf(process.pid)) ?? '', url };
  await writeFile(path, JSON.stringify(own), { mode: 0o600 });
  return () => rm(path, { force: true });
}

async function readRunFile(path: string): Promise<RunFile | undefined> {
  try {
    const json: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isRunFile(json) ? json : undefined;
  } catch (error) {
    // Half written by a process that was killed: nobody runs who could have finished it.
    if (isCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isRunFile(json: unknown): json is RunFile {
  return (
    typeof json === 'object' &&
    json !== null &&
    'pid' in json &&
    typeof json.pid === 'number' &&
    'pidStart' in json &&
    typeof json.pidStart === 'string' &&
    'url' in json &&
    typeof json.url === 'string'
  );
}

/**
 * Says where the process is asked what it does: `ops/<instance>.json`, until the function that it gives is called.
 */
export async function tellOps(folder: string, opsUrl: string): Promise<() => Promise<void>> {
  const path = join(folder, 'ops', `${instance}.json`);
  await mkdir(join(folder, 'ops'), { recursive: true, mode: 0o700 });
  const pidStart = (await startOf(process.pid)) ?? '';
  const run: OpsFile = { instance, role: 'all', pid: process.pid, pidStart, url: opsUrl };
  await writeFile(`${path}.new`, JSON.stringify(run), { mode: 0o600 });
  await rename(`${path}.new`, path);
  return () => rm(path, { force: true });
}

const instance = 'all.0';

export interface OpsFile extends RunFile {
  readonly instance: string;
  readonly role: string;
}

/** The processes that run on this folder; what a killed one left behind is none. */
export async function runningProcesses(folder: string): Promise<OpsFile[]> {
  const names = await readdir(join(folder, 'ops')).catch(() => []);
  const found: OpsFile[] = [];
  for (const name of names.filter((one) => one.endsWith('.json'))) {
    const run = await readRunFile(join(folder, 'ops', name));
    if (run === undefined || (await startOf(run.pid)) !== run.pidStart) continue;
    if ('instance' in run && 'role' in run) {
      found.push({ ...run, instance: String(run.instance), role: String(run.role) });
    }
  }
  return found;
}

/** When a process began, in clock ticks since boot: tells it from a later one with the same number. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; field 22 is the 20th behind it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ESRCH')) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
