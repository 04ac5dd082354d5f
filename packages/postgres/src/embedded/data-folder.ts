import { execFile } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { access, chown, constants, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Problem } from '@plinth/core';

import { findBinary, type Runner } from './binaries.ts';

const run = promisify(execFile);
const passwordBytes = 24;
const initTimeoutMs = 60_000;
export const superuser = 'plinth_admin';

/** The folder of one embedded server: `data/`, the password, the log, and who started it. */
export function pathsIn(folder: string) {
  return {
    data: join(folder, 'data'),
    password: join(folder, 'password'),
    prepared: join(folder, 'prepared'),
    owner: join(folder, 'owner.json'),
    log: join(folder, 'postgres.log'),
    postmasterPid: join(folder, 'data', 'postmaster.pid'),
  };
}

/**
 * Makes the data folder if there is none. It is filled beside its place and moved there whole, so that
 * a start that is killed leaves nothing that looks like a database.
 *
 * @returns the secret from which the roles' passwords are derived.
 * @throws {Problem} `postgres.folder_not_writable`, `postgres.data_folder_broken`
 */
export async function prepareDataFolder(folder: string, runner: Runner): Promise<string> {
  const paths = pathsIn(folder);
  await checkWritable(folder, runner);
  const secret = await readSecret(paths.password);
  if (!(await exists(paths.data))) {
    await initialise(folder, runner);
    return secret;
  }
  await checkWhole(paths.data);
  return secret;
}

async function checkWritable(folder: string, { owner }: Runner): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Root passes any check of permissions, a read-only file system only by trying.
    const probe = join(folder, `.probe-${process.pid}`);
    await writeFile(probe, '');
    await rm(probe);
    await access(folder, constants.W_OK | constants.X_OK);
    if (owner !== undefined) await chown(folder, owner, owner);
  } catch (error) {
    throw new Problem(`The folder ${folder} cannot be written: the database needs it.`, {
      code: 'postgres.folder_not_writable',
      kind: 'unavailable',
      context: { folder },
      cause: error,
    });
  }
}

async function readSecret(path: string): Promise<string> {
  const secret = randomBytes(passwordBytes).toString('hex');
  try {
    await writeFile(path, secret, { mode: 0o600, flag: 'wx' });
    return secret;
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    return (await readFile(path, 'utf8')).trim();
  }
}

async function initialise(folder: string, runner: Runner): Promise<void> {
  const { data, password } = pathsIn(folder);
  const unfinished = `${data}.${process.pid}`;
  const passwordFile = `${password}.init`;
  await rm(unfinished, { recursive: true, force: true });
  await writeFile(passwordFile, rolePassword(await readSecret(password), superuser), {
    mode: 0o600,
  });
  if (runner.owner !== undefined) await chown(passwordFile, runner.owner, runner.owner);
  const flags =
    '--auth=scram-sha-256 --no-sync --no-instructions --encoding=UTF8 --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8';
  const { file, args } = runner.wrap({
    file: findBinary('initdb'),
    args: ['-D', unfinished, '-U', superuser, `--pwfile=${passwordFile}`, ...flags.split(' ')],
  });
  try {
    await run(file, [...args], { cwd: '/', timeout: initTimeoutMs });
    await rename(unfinished, data);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Two first starts at once: the other was faster.
    if (isCode(error, 'ENOTEMPTY') || isCode(error, 'EEXIST')) return;
    throw new Problem('The database could not be created.', {
      code: 'postgres.init_failed',
      kind: 'unavailable',
      context: { folder },
      cause: error,
    });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Writes to disk what the quick first start left in memory, beside the running server. */
export async function syncDataFolder(folder: string, runner: Runner): Promise<void> {
  const { file, args } = runner.wrap({
    file: findBinary('initdb'),
    args: ['--sync-only', '-D', pathsIn(folder).data],
  });
  await run(file, [...args], { cwd: '/', timeout: initTimeoutMs });
}

async function checkWhole(data: string): Promise<void> {
  const parts = ['PG_VERSION', 'global/pg_control', 'pg_hba.conf', 'postgresql.conf', 'base/1'];
  for (const part of parts) {
    if (await exists(join(data, part))) continue;
    throw new Problem(
      `The folder ${data} holds no whole database (${part} is missing): move it away, and start again.`,
      { code: 'postgres.data_folder_broken', kind: 'unavailable', context: { folder: data } },
    );
  }
}

/** Each role has its own, so that one that leaks opens no other. */
export function rolePassword(secret: string, role: string): string {
  return createHmac('sha256', secret).update(role).digest('base64url');
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
