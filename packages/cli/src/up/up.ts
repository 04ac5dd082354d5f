import { migrate } from '@plinth/postgres';

import { loadProject, type Account, type Application, type Running } from '../application.ts';
import type { CommandContext, CommandDef, Outcome } from '../command.ts';
import { exitCodes } from '../exit.ts';
import { createProgress, paint, type Progress, type Terminal } from '../terminal.ts';
import {
  dataFolderOf,
  holdDataFolder,
  prepareDataFolder,
  readMasterKey,
  tellOps,
} from './data-folder.ts';
import { startDatabase, type RunningDatabase } from './database.ts';
import { seedDemo } from './demo.ts';
import { openLog, type OpenLog } from './log-file.ts';
import { checkPort } from './port.ts';

const portDefault = 3_000;
const portMax = 65_535;
const fatalStopMs = 5_000;

export const up: CommandDef = {
  name: 'up',
  summary: 'start the product, and all that it needs',
  examples: ['plinth up --foreground', 'HTTP_PORT=8080 plinth up --foreground --no-demo'],
  flags: {
    foreground: { type: 'boolean', doc: 'stay until Ctrl-C (the only way, for now)' },
    'no-demo': { type: 'boolean', doc: 'begin with an empty database' },
    'no-interface': { type: 'boolean', doc: 'serve the API alone' },
    rebuild: { type: 'boolean', doc: 'build the UI even if its sources did not change' },
  },
  run: runUp,
};

interface Site {
  readonly context: CommandContext;
  readonly root: string;
  readonly application: Application;
  readonly dataFolder: string;
  readonly progress: Progress;
  readonly log: OpenLog;
}

async function runUp(context: CommandContext): Promise<Outcome> {
  const { environment, folder, terminal, clock } = context;
  const { root, application } = await loadProject(folder);
  const dataFolder = dataFolderOf(root, environment);
  const port = portOf(environment['HTTP_PORT']);
  await prepareDataFolder(dataFolder);
  const release = await holdDataFolder(dataFolder, `http://127.0.0.1:${port}`);
  try {
    await checkPort(port);
    const log = await openLog(dataFolder, terminal.interactive);
    const progress = createProgress(terminal, () => clock.mono());
    return await runSite({ context, root, application, dataFolder, progress, log });
  } finally {
    await release();
  }
}

/** Any fault of it is told with all the others, by the product's own configuration. */
function portOf(value: string | undefined): number {
  const port = Number(value ?? portDefault);
  return Number.isInteger(port) && port >= 0 && port <= portMax ? port : 0;
}

async function runSite(site: Site): Promise<Outcome> {
  const { context, application, dataFolder, log } = site;
  const [database, assetsFolder] = await prepare(site);
  try {
    const environment = {
      ...context.environment,
      PLINTH_MASTER_KEY:
        context.environment['PLINTH_MASTER_KEY'] ?? (await readMasterKey(dataFolder)),
    };
    const { urls } = database;
    const running = await inUnit(site.progress, 'product', async () => {
      const started = await application.start({
        environment,
        urls,
        dataFolder,
        assetsFolder,
        log: log.log,
      });
      return { value: started, detail: started.url };
    });
    const ended = stopWhenAsked(running, context, log);
    const untell = await tellOps(dataFolder, running.opsUrl);
    const isFull = await application.isSeeded({ urls, profile: 'demo' });
    // Who begins with an empty database has no demo accounts to sign in with.
    const hasDemo = isFull || !context.flags.is('no-demo');
    welcome(context.terminal, running, hasDemo ? application.demoAccounts : [], log);
    site.progress.close();
    if (hasDemo && !isFull) {
      await fillDemo({ ...site, context: { ...context, environment } }, database);
    }
    const code = await ended;
    await untell();
    return {
      exitCode: code === 0 ? exitCodes.done : exitCodes.bad,
      result: { url: running.url },
    };
  } finally {
    await database.stop();
    log.log.flush();
  }
}

/** The database and the UI at once: on two cores that halves the wait. */
async function prepare(site: Site): Promise<[RunningDatabase, string | undefined]> {
  const { context, application, dataFolder, progress, log } = site;
  const database = inUnit(progress, 'database', async () => {
    const started = await startDatabase(context.environment, dataFolder, log.log);
    try {
      const applied = await migrate(started.urls.admin, application.migrations);
      return { value: started, detail: `${started.kind}, ${applied.length} migrations applied` };
    } catch (error) {
      await started.stop();
      throw error;
    }
  });
  const web = context.flags.is('no-interface')
    ? undefined
    : inUnit(progress, 'interface', async () => {
        const { folder, built } = await application.buildWeb(context.flags.is('rebuild'));
        return { value: folder, detail: built ? 'built' : 'unchanged since the last build' };
      });
  const [first, second] = await Promise.allSettled([database, web]);
  if (first.status === 'fulfilled' && second.status === 'fulfilled')
    return [first.value, second.value];
  if (first.status === 'fulfilled') await first.value.stop();
  throw first.status === 'rejected'
    ? first.reason
    : second.status === 'rejected'
      ? second.reason
      : first;
}

async function inUnit<value>(
  progress: Progress,
  name: string,
  work: () => Promise<{ value: value; detail: string }>,
): Promise<value> {
  const unit = progress.unit(name);
  try {
    const { value, detail } = await work();
    unit.done(detail);
    return value;
  } catch (error) {
    unit.failed(error instanceof Error ? error.message : String(error));
    throw error;
  }
}

/** @returns the exit code, once the product has ended. */
function stopWhenAsked(
  running: Running,
  { signal }: CommandContext,
  { log }: OpenLog,
): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const stop = (reason: string) => {
    resolve(running.stop(reason).catch(() => 1));
  };
  if (signal.aborted) stop('signal');
  signal.addEventListener('abort', () => stop('signal'), { once: true });
  const onFatal = (error: unknown) => {
    log.fatal('process.uncaught', error);
    log.flush();
    // EX_SOFTWARE: a broken invariant is never carried on with; what is in flight gets 5 s.
    setTimeout(() => process.exit(70), fatalStopMs).unref();
    process.exitCode = 70;
    stop('uncaught');
  };
  process.on('uncaughtException', onFatal);
  process.on('unhandledRejection', onFatal);
  return promise;
}

function welcome(
  terminal: Terminal,
  { url, opsUrl }: Running,
  accounts: readonly Account[],
  { path }: OpenLog,
): void {
  const rows = accounts.map(
    ({ email, password, role }) => `  ${role.padEnd(12)} ${email.padEnd(26)} ${password}`,
  );
  terminal.err(
    [
      '',
      `  ${paint(terminal, 'bold', 'Plinth is ready:')} ${paint(terminal, 'cyan', url)}`,
      '',
      ...rows,
      ...(rows.length === 0 ? [] : ['']),
      `  Metrics      ${opsUrl}/metrics`,
      '  Console      npx plinth console',
      ...(path === undefined ? [] : [`  Log          ${path}`]),
      '  Ctrl-C stops it; the data stays.',
      '',
      '',
    ].join('\n'),
  );
}

async function fillDemo(site: Site, { urls }: RunningDatabase): Promise<void> {
  const { context, root, progress } = site;
  const { environment, signal } = context;
  if (signal.aborted) return;
  const complete = await seedDemo({ root, environment, urls, progress, signal });
  if (complete) context.terminal.err('  The demo data is complete.\n');
}
