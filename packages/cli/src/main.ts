import { readFileSync } from 'node:fs';

import { ConfigError, nearest, Problem, systemClock } from '@plinth/core';

import type { CommandDef, Outcome } from './command.ts';
import { CommandFailure, exitCodes, type ExitCode } from './exit.ts';
import { parseFlags } from './flags.ts';
import { help, overview } from './help.ts';
import { createTerminal, paint, type Stream, type Terminal } from './terminal.ts';

/** Imported when chosen: the command answers before it has read what it does not need. */
const commands: readonly { name: string; summary: string; load(): Promise<CommandDef> }[] = [
  {
    name: 'up',
    summary: 'start the product, and all that it needs',
    load: async () => (await import('./up/up.ts')).up,
  },
  {
    name: 'seed',
    summary: 'fill the database with realistic books',
    load: async () => (await import('./seed.ts')).seed,
  },
  {
    name: 'company',
    summary: 'add a company and its owner',
    load: async () => (await import('./company.ts')).company,
  },
  {
    name: 'migrate',
    summary: 'bring the database up to date',
    load: async () => (await import('./migrate.ts')).migrate,
  },
  {
    name: 'check',
    summary: 'judge what is to be released',
    load: async () => (await import('./check.ts')).check,
  },
  {
    name: 'db',
    summary: "show the statements' plans and what they cost",
    load: async () => (await import('./db.ts')).db,
  },
  {
    name: 'config',
    summary: 'show each setting, its value and where it comes from',
    load: async () => (await import('./config.ts')).config,
  },
  {
    name: 'cache',
    summary: 'show what the cache holds and answers, make it forget',
    load: async () => (await import('./cache.ts')).cache,
  },
  {
    name: 'console',
    summary: 'show what runs in the browser',
    load: async () => (await import('./console.ts')).consoleCommand,
  },
  {
    name: 'metrics',
    summary: 'show the lamps and the routes of what runs',
    load: async () => (await import('./watch/metrics.ts')).metrics,
  },
  {
    name: 'slow',
    summary: 'show the statements and requests that take the time',
    load: async () => (await import('./watch/slow.ts')).slow,
  },
  {
    name: 'trace',
    summary: 'show where one request spent its time',
    load: async () => (await import('./watch/trace.ts')).trace,
  },
  {
    name: 'load',
    summary: 'load the running product, and judge it by its KPIs',
    load: async () => (await import('./load.ts')).load,
  },
  {
    name: 'events',
    summary: 'show how late events are, send dead ones again, pause and resume subscriptions',
    load: async () => (await import('./events.ts')).events,
  },
  {
    name: 'jobs',
    summary: 'list and show jobs, cancel, retry and run them, pause and resume queues',
    load: async () => (await import('./jobs.ts')).jobs,
  },
  {
    name: 'drill',
    summary: 'rehearse a failure, and judge what it did',
    load: async () => (await import('./drill.ts')).drill,
  },
];

interface Process {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Stream;
  readonly stderr: Stream;
  cwd(): string;
}

/** Runs one command. @returns the exit code of its table. */
export async function main(own: Process): Promise<ExitCode> {
  const [name = '--help', ...args] = own.argv.slice(2);
  const colors = (own.env['NO_COLOR'] ?? '') === '' && !args.includes('--no-color');
  const terminal = createTerminal(own.stdout, own.stderr, {
    json: args.includes('--json'),
    colors,
  });
  return runCommand(name, args, terminal, own);
}

async function runCommand(
  name: string,
  args: readonly string[],
  terminal: Terminal,
  own: Process,
): Promise<ExitCode> {
  try {
    if (name === '--version') {
      terminal.out(`${readVersion()}\n`);
      return exitCodes.done;
    }
    if (name === '--help' || name === 'help') {
      terminal.out(overview(commands));
      return exitCodes.done;
    }
    const command = await findCommand(name);
    if (args.includes('--help')) {
      terminal.out(help(command));
      return exitCodes.done;
    }
    const outcome = await runUntilSignal(command, args, terminal, own);
    if (terminal.json) {
      const ok = outcome.exitCode === exitCodes.done;
      terminal.out(`${JSON.stringify({ schema: 1, command: name, ok, ...outcome.result })}\n`);
    }
    return outcome.exitCode;
  } catch (error) {
    return tell(name, error, terminal, args.includes('--debug'));
  }
}

async function findCommand(name: string): Promise<CommandDef> {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found.load();
  const near = nearest(
    name,
    commands.map((command) => command.name),
  );
  throw new CommandFailure(
    `There is no command ${name}.${near === undefined ? '' : ` Did you mean ${near}?`}`,
    exitCodes.usage,
    'plinth --help',
  );
}

/** One Ctrl-C arrives twice below npm: from the terminal, and handed on by npm. */
const onePressMs = 1_000;

async function runUntilSignal(
  command: CommandDef,
  args: readonly string[],
  terminal: Terminal,
  own: Process,
): Promise<Outcome> {
  const ending = new AbortController();
  let firstMs: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    // A second Ctrl-C forces; a second SIGTERM is what an impatient supervisor sends anyway.
    firstMs ??= systemClock.mono();
    const isSecond = systemClock.mono() - firstMs > onePressMs;
    if (isSecond && signal === 'SIGINT') process.exit(exitCodes.interrupted);
    ending.abort(new CommandFailure(`Ended by ${signal}.`, exitCodes.interrupted));
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  return command.run({
    flags: parseFlags(command.flags, args),
    terminal,
    environment: own.env,
    folder: own.cwd(),
    signal: ending.signal,
    clock: systemClock,
  });
}

function tell(name: string, error: unknown, terminal: Terminal, debug: boolean): ExitCode {
  const problem = Problem.from(error);
  const exitCode = exitCodeOf(error, problem);
  const message = error instanceof Error ? error.message : problem.message;
  if (terminal.json) {
    const document = {
      schema: 1,
      command: name,
      ok: false,
      error: { code: problem.code, message },
    };
    terminal.out(`${JSON.stringify(document)}\n`);
    return exitCode;
  }
  terminal.err(`${paint(terminal, 'red', '✗')} ${message}\n`);
  if (error instanceof CommandFailure && error.next !== undefined)
    terminal.err(`  ${error.next}\n`);
  for (const line of lastWords(problem)) terminal.err(`  ${line}\n`);
  if (debug && error instanceof Error) terminal.err(`${error.stack ?? ''}\n`);
  return exitCode;
}

/** A key that does not open what it should is a setting that is wrong, as any other. */
const ofConfiguration = new Set(['http.bad_master_key', 'http.wrong_master_key']);

function exitCodeOf(error: unknown, { code }: Problem): ExitCode {
  if (error instanceof CommandFailure) return error.exitCode;
  const isSetting = error instanceof ConfigError || ofConfiguration.has(code);
  return isSetting ? exitCodes.configuration : exitCodes.bad;
}

const lastLinesMax = 5;

/** What a program that did not start said before it ended. */
function lastWords({ context }: Problem): string[] {
  const log = context?.['log'];
  return typeof log === 'string' ? log.trimEnd().split('\n').slice(-lastLinesMax) : [];
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const json: unknown = JSON.parse(text);
  return typeof json === 'object' && json !== null && 'version' in json ? String(json.version) : '';
}
