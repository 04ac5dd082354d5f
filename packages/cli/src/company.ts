import { noLog } from '@plinth/core';
import { migrate as applyMigrations } from '@plinth/postgres';

import { loadProject, type AddedCompany } from './application.ts';
import type { CommandContext, CommandDef, Outcome } from './command.ts';
import { CommandFailure, exitCodes } from './exit.ts';
import { paint, type Terminal } from './terminal.ts';
import { dataFolderOf, prepareDataFolder, readMasterKey } from './up/data-folder.ts';
import { borrowDatabase } from './up/database.ts';

const defaults = { currency: 'EUR', country: 'DE', zone: 'Europe/Berlin', locale: 'en-GB' };

export const company: CommandDef = {
  name: 'company',
  summary: 'add a company and its owner',
  examples: [
    'plinth company add "Northwind Ltd" --owner ada@northwind.example',
    'plinth company add "Kontor GmbH" --owner max@kontor.example --name "Max Roth" --locale de-DE',
  ],
  flags: {
    owner: { type: 'string', value: 'EMAIL', doc: 'who signs in first, and invites the others' },
    name: { type: 'string', value: 'NAME', doc: "the owner's name (default: from the address)" },
    currency: { type: 'string', value: 'CODE', doc: `ISO 4217 (default ${defaults.currency})` },
    country: { type: 'string', value: 'CODE', doc: `ISO 3166 (default ${defaults.country})` },
    zone: { type: 'string', value: 'NAME', doc: `time zone (default ${defaults.zone})` },
    locale: { type: 'string', value: 'TAG', doc: `BCP 47 (default ${defaults.locale})` },
  },
  run: runCompany,
};

async function runCompany(context: CommandContext): Promise<Outcome> {
  const { flags, environment, folder, terminal } = context;
  const [act, name, ...more] = flags.words;
  const owner = flags.text('owner');
  if (act !== 'add' || name === undefined || owner === undefined || more.length > 0) {
    throw new CommandFailure(
      'Name the company, in quotes, and its owner.',
      exitCodes.usage,
      company.examples[0],
    );
  }
  const { root, application } = await loadProject(folder);
  const dataFolder = dataFolderOf(root, environment);
  await prepareDataFolder(dataFolder);
  const database = await borrowDatabase(environment, dataFolder, noLog);
  try {
    await applyMigrations(database.urls.admin, application.migrations);
    const master = environment['PLINTH_MASTER_KEY'] ?? (await readMasterKey(dataFolder));
    const added = await application.addCompany({
      environment: { ...environment, PLINTH_MASTER_KEY: master },
      urls: database.urls,
      dataFolder,
      company: { name, ...placeOf(context) },
      owner: { email: owner, name: flags.text('name') ?? owner.split('@')[0] ?? owner },
    });
    if (!terminal.json) terminal.out(format(name, added, terminal));
    return { exitCode: exitCodes.done, result: { ...added } };
  } finally {
    await database.stop();
  }
}

function placeOf({ flags }: CommandContext) {
  return {
    currency: flags.text('currency') ?? defaults.currency,
    country: flags.text('country') ?? defaults.country,
    zone: flags.text('zone') ?? defaults.zone,
    locale: flags.text('locale') ?? defaults.locale,
  };
}

function format(name: string, { email, password }: AddedCompany, terminal: Terminal): string {
  const how =
    password === undefined
      ? `${email} has an account already, and signs in with its password.`
      : `Sign in as ${email} with ${paint(terminal, 'bold', password)}, which is shown this once; change it under Account.`;
  return `${name} is there.\n${how}\n`;
}
