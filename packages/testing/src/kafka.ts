import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { freePorts, Server, type Broker } from './broker.ts';

const run = promisify(execFile);
/** Where `scripts/engines.ts kafka` puts the broker that Maven's registry has. */
const jars = join(homedir(), '.cache/plinth/kafka-3.9.1');
/** A small heap and a quick start: one partition leader for tests. */
const java = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx320m'];
const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';

/**
 * One Kafka broker that is its own controller (KRaft), on loopback.
 *
 * @throws {Error} naming the command that installs what is missing.
 */
export async function startKafka(): Promise<Broker> {
  await access(jars).catch((error: unknown) => {
    throw new Error('Kafka is missing: node scripts/engines.ts kafka', { cause: error });
  });
  const folder = await mkdtemp(join(tmpdir(), 'plinth-kafka-'));
  const [port = 0, controllerPort = 0] = await freePorts(2);
  const config = join(folder, 'server.properties');
  await writeFile(config, configOf(folder, port, controllerPort));
  const classPath = ['-cp', join(jars, '*')];
  const cluster = randomBytes(16).toString('base64url');
  const tool = ['kafka.tools.StorageTool', 'format', '-t', cluster, '-c', config];
  await run('java', [...java, quiet, ...classPath, ...tool]);
  const argv = ['java', ...java, quiet, ...classPath, 'kafka.Kafka', config];
  const server = new Server({ argv, env: {}, port });
  await server.start();
  return {
    address: `127.0.0.1:${port}`,
    get pid() {
      return server.pid;
    },
    kill: () => server.end('SIGKILL'),
    pause: () => server.signal('SIGSTOP'),
    resume: () => server.signal('SIGCONT'),
    start: () => server.start(),
    async close() {
      await server.end('SIGKILL');
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function configOf(folder: string, port: number, controllerPort: number): string {
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    `log.dirs=${join(folder, 'data')}`,
    'offsets.topic.replication.factor=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'auto.create.topics.enable=false',
    '',
  ].join('\n');
}
