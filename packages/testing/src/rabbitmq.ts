import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePorts, Server, type Broker } from './broker.ts';

/** Debian's; the wrapper on the path would change to another user and its folders. */
const program = '/usr/lib/rabbitmq/bin/rabbitmq-server';

/**
 * Debian's RabbitMQ under a node name, folders and ports of its own; its name server ends with it.
 *
 * @throws {Error} naming the command that installs what is missing.
 */
export async function startRabbit(): Promise<Broker> {
  await access(program).catch((error: unknown) => {
    throw new Error('RabbitMQ is missing: node scripts/engines.ts rabbitmq', { cause: error });
  });
  const folder = await mkdtemp(join(tmpdir(), 'plinth-rabbitmq-'));
  const [port = 0, epmdPort = 0, nodePort = 0] = await freePorts(3);
  await mkdir(join(folder, 'log'));
  await writeFile(join(folder, 'plugins'), '[].\n');
  await writeFile(join(folder, 'rabbitmq.conf'), configOf(port));
  const env = {
    HOME: folder,
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `plinth-${port}@localhost`,
    RABBITMQ_DIST_PORT: String(nodePort),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
  };
  const epmd = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', '--', 'epmd', '-address', '127.0.0.1', '-port', String(epmdPort)],
    { stdio: 'ignore' },
  );
  await once(epmd, 'spawn');
  const server = new Server({ argv: [program], env, port });
  await server.start();
  return {
    address: `amqp://guest:guest@127.0.0.1:${port}`,
    get pid() {
      return server.pid;
    },
    kill: () => server.end('SIGKILL'),
    pause: () => server.signal('SIGSTOP'),
    resume: () => server.signal('SIGCONT'),
    start: () => server.start(),
    async close() {
      await server.end('SIGKILL');
      epmd.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function configOf(port: number): string {
  return [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    'log.console = false',
    'log.file.level = warning',
    // Of a machine that others use as well.
    'disk_free_limit.absolute = 50MB',
    '',
  ].join('\n');
}
