import { spawn } from 'node:child_process';
import type { TestContext } from 'node:test';

import { eventually } from './eventually.ts';

export interface ProcessOptions {
  readonly cwd?: string;
  /** The whole environment; default that of the test. */
  readonly env?: Readonly<Record<string, string>>;
  /** Waits for this line before it returns. */
  readonly ready?: RegExp;
  readonly withinMs?: number;
}

export interface Proc {
  readonly pid: number;
  /** Both streams, as they came. */
  output(): string;
  /** @throws {Error} with the output, when the process ends or the time is up first. */
  waitFor(line: RegExp, withinMs?: number): Promise<RegExpExecArray>;
  kill(signal?: NodeJS.Signals): void;
  stop(): void;
  cont(): void;
  /** The exit code, or the name of the signal that ended it. */
  readonly exit: Promise<number | NodeJS.Signals>;
}

const withinMsDefault = 20_000;

/** Starts a program in a session of its own. With the test its whole group ends. */
export async function startProcess(
  t: TestContext,
  argv: readonly string[],
  options: ProcessOptions = {},
): Promise<Proc> {
  const [file = '', ...args] = argv;
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  let ended: number | NodeJS.Signals | undefined;
  const { promise: exit, resolve } = Promise.withResolvers<number | NodeJS.Signals>();
  child.once('error', (error) => {
    output += String(error);
    ended = -1;
    resolve(-1);
  });
  child.once('close', (code, signal) => {
    ended = code ?? signal ?? -1;
    resolve(ended);
  });
  const { pid } = child;
  const signalGroup = (signal: NodeJS.Signals) => {
    if (pid !== undefined && ended === undefined) killGroup(pid, signal);
  };
  t.after(async () => {
    signalGroup('SIGKILL');
    await exit;
    if (Reflect.get(t, 'passed') !== true) t.diagnostic(`${argv.join(' ')}:\n${output}`);
  });
  const proc: Proc = {
    pid: pid ?? -1,
    output: () => output,
    async waitFor(line, withinMs = withinMsDefault) {
      return eventually(
        () => {
          const match = line.exec(output);
          if (match !== null) return match;
          throw new Error(`${argv.join(' ')} did not print ${String(line)}:\n${output}`);
        },
        { withinMs: ended === undefined ? withinMs : 0 },
      );
    },
    kill: (signal = 'SIGTERM') => signalGroup(signal),
    stop: () => signalGroup('SIGSTOP'),
    cont: () => signalGroup('SIGCONT'),
    exit,
  };
  if (options.ready !== undefined) await ready(proc, options.ready, options.withinMs);
  return proc;
}

async function ready(proc: Proc, line: RegExp, withinMs: number | undefined): Promise<void> {
  const first = await Promise.race([proc.waitFor(line, withinMs), proc.exit]);
  if (typeof first === 'object') return;
  throw new Error(`The process ended with ${String(first)}:\n${proc.output()}`);
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // It ended by itself just now.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
