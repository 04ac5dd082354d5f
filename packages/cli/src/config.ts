import { loadConfig } from '@plinth/core';

import { loadProject } from './application.ts';
import type { CommandDef } from './command.ts';
import { exitCodes } from './exit.ts';

export const config: CommandDef = {
  name: 'config',
  summary: 'show each setting, its value and where it comes from',
  examples: ['plinth config', 'plinth config --json'],
  flags: {},
  async run({ environment, folder, terminal }) {
    const { application } = await loadProject(folder);
    const { lines, warnings } = loadConfig(application.configs, environment);
    if (!terminal.json) {
      const width = Math.max(...lines.map(({ name }) => name.length));
      for (const { name, value, source, owner, doc } of lines) {
        terminal.out(`${name.padEnd(width)}  ${value || '–'}  (${source}, ${owner}) ${doc}\n`);
      }
      for (const warning of warnings) terminal.err(`${warning}\n`);
    }
    return { exitCode: exitCodes.done, result: { settings: lines, warnings } };
  },
};
