import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

import { eventually } from './eventually.ts';

/** A message broker of its own, on loopback, in a folder of its own. */
export interface Broker {
  /** What a client connects to. */
  readonly address: string;
  readonly pid: number;
  /** As a power failure would; resolves when it is gone. */
  kill(): Promise<void>;
  pause(): void;
  resume(): void;
  /** Again, on the same folder and ports. */
  start(): Promise<void>;
  /** Ends it, and removes its folder. */
  close(): Promise<void>;
}

export interface Launch {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly port: number;
}

const startMsMax = 90_000;

/** A server that is killed and started again. It ends with this process. */
export class Server {
  readonly #launch: Launch;
  #child: ChildProcess | undefined;
  #output = '';

  constructor(launch: Launch) {
    this.#launch = launch;
  }

  get pid(): number {
    return this.#child?.pid ?? -1;
  }

  async start(): Promise<void> {
    const { argv, env, port } = this.#launch;
    const [file = '', ...args] = argv;
    this.#output = '';
    // The kernel ends it when this process is killed: prctl(2), PR_SET_PDEATHSIG.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', file, ...args], {
      // oxlint-disable-next-line node/no-process-env -- a program's environment is ours with its own on top
      env: { ...process.env, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-8_000);
      });
    }
    const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
    await eventually(
      async () => {
        if (!(await isListening(port)) && !hasEnded())
          throw new Error(`${file} does not listen yet.`);
      },
      { withinMs: startMsMax },
    );
    if (hasEnded()) throw new Error(`${file} ended:\n${this.#output}`);
  }

  signal(name: NodeJS.Signals): void {
    const { pid } = this.#child ?? {};
    if (pid === undefined) return;
    try {
      process.kill(-pid, name);
    } catch (error) {
      // It has ended by itself.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }

  async end(name: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const isOver = child.exitCode !== null || child.signalCode !== null;
    const exit = isOver ? Promise.resolve() : once(child, 'exit');
    this.signal(name);
    await exit;
    this.#child = undefined;
  }
}

function isListening(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1');
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}

/** Ports that were free just now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
