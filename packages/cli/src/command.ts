import type { Clock } from '@plinth/core';

import type { ExitCode } from './exit.ts';
import type { Flags, Parsed } from './flags.ts';
import type { Terminal } from './terminal.ts';

export interface CommandContext {
  readonly flags: Parsed;
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** What a command answers: its exit code, and with `--json` the document's own fields. */
export interface Outcome {
  readonly exitCode: ExitCode;
  readonly result?: Readonly<Record<string, unknown>>;
}

export interface CommandDef {
  readonly name: string;
  readonly summary: string;
  /** Shown in the help, and run by a test. */
  readonly examples: readonly [string, string];
  readonly flags: Flags;
  run(context: CommandContext): Promise<Outcome>;
}
