import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { loadProject } from './application.ts';
import type { CommandDef } from './command.ts';
import { CommandFailure, exitCodes } from './exit.ts';
import { dataFolderOf } from './up/data-folder.ts';

/** A process of its own: it goes on answering while the application does not. */
export const consoleCommand: CommandDef = {
  name: 'console',
  summary: 'show what runs in the browser; where it is open already, give another link',
  examples: ['plinth console', 'CONSOLE_LISTEN=127.0.0.1:9400 plinth console'],
  flags: {},
  async run({ folder, environment, signal }) {
    const { root } = await loadProject(folder);
    const main = await mainOf(root);
    const child = spawn(process.execPath, [join(root, main)], {
      cwd: root,
      env: { ...environment, PLINTH_DATA: dataFolderOf(root, environment) },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const stop = () => void child.kill('SIGTERM');
    signal.addEventListener('abort', stop, { once: true });
    await once(child, 'exit');
    signal.removeEventListener('abort', stop);
    return { exitCode: child.exitCode === 0 ? exitCodes.done : exitCodes.bad };
  },
};

/** @throws {CommandFailure} `usage` in a project without a console. */
async function mainOf(root: string): Promise<string> {
  const json: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const own =
    typeof json === 'object' && json !== null && 'plinth' in json ? json.plinth : undefined;
  if (typeof own === 'object' && own !== null && 'console' in own) return String(own.console);
  throw new CommandFailure(
    'This project has no console.',
    exitCodes.usage,
    'Name its main file in package.json: plinth.console.',
  );
}
