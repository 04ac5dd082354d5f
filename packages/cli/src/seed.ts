import { noLog } from '@plinth/core';
import { migrate as applyMigrations } from '@plinth/postgres';

import { loadProject, type SeedReport } from './application.ts';
import type { CommandContext, CommandDef } from './command.ts';
import { CommandFailure, exitCodes } from './exit.ts';
import { createProgress, type Terminal, type Unit } from './terminal.ts';
import { dataFolderOf, prepareDataFolder, readMasterKey } from './up/data-folder.ts';
import { borrowDatabase } from './up/database.ts';

const seedDefault = 2_026;
const seedMax = 2 ** 31 - 1;

export const seed: CommandDef = {
  name: 'seed',
  summary: 'fill the database with realistic books',
  examples: ['plinth seed --profile small', 'plinth seed --profile large --resume'],
  flags: {
    profile: {
      type: 'string',
      value: 'NAME',
      doc: 'how much (default demo): demo, small, large, huge',
    },
    seed: {
      type: 'string',
      value: 'N',
      doc: `the same number gives the same data (default ${seedDefault})`,
    },
    reset: { type: 'boolean', doc: 'remove what an earlier seed made, then begin anew' },
    resume: { type: 'boolean', doc: 'go on from the last checkpoint' },
    yes: { type: 'boolean', doc: 'do not ask' },
    progress: {
      type: 'string',
      value: 'FORM',
      oneOf: ['text', 'json'],
      doc: 'form of the progress',
    },
  },
  run: runSeed,
};

async function runSeed(context: CommandContext) {
  const { flags, environment, folder, terminal, signal, clock } = context;
  const { root, application } = await loadProject(folder);
  const profile = flags.text('profile') ?? 'demo';
  if (!application.profiles.includes(profile)) {
    const names = application.profiles.join(', ');
    throw new CommandFailure(
      `There is no profile ${profile}; there are ${names}.`,
      exitCodes.usage,
    );
  }
  if (flags.is('reset') && !flags.is('yes') && !terminal.interactive) {
    throw new CommandFailure(
      '--reset removes data.',
      exitCodes.usage,
      'Add --yes if that is meant.',
    );
  }
  const dataFolder = dataFolderOf(root, environment);
  await prepareDataFolder(dataFolder);
  const database = await borrowDatabase(environment, dataFolder, noLog);
  const speak = createSpeaker(terminal, flags.text('progress') === 'json', () => clock.mono());
  try {
    await applyMigrations(database.urls.admin, application.migrations);
    const master = environment['PLINTH_MASTER_KEY'] ?? (await readMasterKey(dataFolder));
    const report = await application.seed({
      environment: { ...environment, PLINTH_MASTER_KEY: master },
      urls: database.urls,
      dataFolder,
      profile,
      seed: flags.count('seed', 1, seedMax) ?? seedDefault,
      reset: flags.is('reset'),
      resume: flags.is('resume'),
      signal,
      onProgress: speak,
    });
    if (!terminal.json) terminal.out(format(report));
    return { exitCode: exitCodes.done, result: { ...report } };
  } finally {
    await database.stop();
  }
}

type Speak = (step: string, fraction: number, detail: string) => void;

function createSpeaker(terminal: Terminal, asJson: boolean, monoMs: () => number): Speak {
  if (asJson) {
    return (unit, fraction, detail) =>
      terminal.err(`${JSON.stringify({ t: monoMs(), unit, fraction, detail })}\n`);
  }
  const progress = createProgress(terminal, monoMs);
  const units = new Map<string, Unit>();
  return (step, fraction, detail) => {
    const unit = units.get(step) ?? progress.unit(step);
    units.set(step, unit);
    if (fraction >= 1) unit.done(detail);
    else unit.update(`${bar(fraction)} ${detail}`);
  };
}

const barCells = 20;

export function bar(fraction: number): string {
  const full = Math.round(Math.min(Math.max(fraction, 0), 1) * barCells);
  return `${'█'.repeat(full)}${'░'.repeat(barCells - full)} ${String(Math.floor(fraction * 100)).padStart(3)} %`;
}

function format({ invoices, lines, tookMs, tables }: SeedReport): string {
  const rate = Math.round((invoices * 1_000) / Math.max(tookMs, 1));
  const rows = tables.map(
    ({ table, rows: count, checksum }) =>
      `  ${table.padEnd(28)} ${String(count).padStart(10)}  ${checksum}`,
  );
  return [
    ...rows,
    `${invoices} invoices with ${lines} lines in ${(tookMs / 1_000).toFixed(1)} s: ${rate} invoices/s`,
    '',
  ].join('\n');
}
