import { join } from 'node:path';

import { ConfigError, createLog, loadConfig } from '@plinth/core';

import { configs } from './configs.ts';
import { serverConfig } from './config.ts';
import { startServer } from './server.ts';
import { version } from './version.ts';

const fatalStopMs = 5_000;

/** The server alone, on databases given by URL: what a supervisor starts. `plinth up` starts it with all it needs. */
async function main(): Promise<void> {
  const loaded = loadConfig(configs, process.env);
  const own = loaded.of(serverConfig);
  const databaseUrl = own.database?.reveal();
  if (databaseUrl === undefined)
    throw new ConfigError(['DATABASE_URL: is missing (or use npm start)']);
  const log = createLog({ level: own.level, fields: { role: 'all' } });
  for (const warning of loaded.warnings) log.warn('config.unknown', { warning });
  const server = await startServer({
    loaded,
    databaseUrl,
    dataFolder: own.data ?? join(process.cwd(), '.plinth'),
    version,
    log,
  });
  log.info('server.ready', { url: server.url, ops: server.opsUrl });
  const end = async (reason: string): Promise<void> => {
    process.exitCode = await server.stop(reason);
    log.flush();
  };
  const stop = (reason: string) => void end(reason);
  process.once('SIGTERM', () => stop('SIGTERM'));
  process.once('SIGINT', () => stop('SIGINT'));
  // Supervised: who started us holds the other end, and its end is ours.
  process.once('disconnect', () => stop('disconnect'));
  const onFatal = (error: unknown) => {
    log.fatal('process.uncaught', error);
    log.flush();
    setTimeout(() => process.exit(70), fatalStopMs).unref();
    stop('uncaught');
  };
  process.on('uncaughtException', onFatal);
  process.on('unhandledRejection', onFatal);
}

try {
  await main();
} catch (error) {
  const isConfig = error instanceof ConfigError;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = isConfig ? error.exitCode : 1;
}
