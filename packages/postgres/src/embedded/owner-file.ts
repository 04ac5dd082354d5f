import { link, readFile, rm, unlink, writeFile } from 'node:fs/promises';

import { isCode } from './data-folder.ts';

/** Who started the server of a folder: its process, known by its start as well, since ids are used again. */
export interface Owner {
  readonly pid: number;
  readonly startedAt: string;
  /** Where the product or the server is reached, for a second start to tell. */
  readonly url: string;
}

/**
 * Takes the folder for this process. The file is linked into place, so that of two at once one has it.
 *
 * @returns the living owner, if there is one.
 */
export async function takeOwnership(path: string): Promise<Owner | undefined> {
  const own = `${path}.${process.pid}`;
  await writeOwner(own, '');
  try {
    for (;;) {
      if (await linked(own, path)) return undefined;
      const owner = await readOwner(path);
      if (owner !== undefined && (await isAlive(owner))) return owner;
      await rm(path, { force: true });
    }
  } finally {
    await unlink(own);
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

export async function writeOwner(path: string, url: string): Promise<void> {
  const owner: Owner = { pid: process.pid, startedAt: await startOf(process.pid), url };
  await writeFile(path, JSON.stringify(owner), { mode: 0o600 });
}

export async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    const json: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof json !== 'object' || json === null) return undefined;
    const { pid, startedAt, url }: Partial<Record<keyof Owner, unknown>> = json;
    if (typeof pid !== 'number' || typeof startedAt !== 'string') return undefined;
    return { pid, startedAt, url: typeof url === 'string' ? url : '' };
  } catch (error) {
    if (isCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export async function isAlive({ pid, startedAt }: Owner): Promise<boolean> {
  return isRunning(pid) && (await startOf(pid)) === startedAt;
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

/** Clock ticks since boot at which a process began (proc(5), field 22); empty where there is no /proc. */
async function startOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
