/** What a command ends with; every command keeps to this table. */
export const exitCodes = {
  done: 0,
  bad: 1,
  usage: 2,
  notRunning: 3,
  missing: 4,
  invalidMeasurement: 6,
  configuration: 78,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends the command with words for a person: what happened, to what, and what to type next. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: ExitCode;
  readonly next: string | undefined;
  constructor(message: string, exitCode: ExitCode, next?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
    this.next = next;
  }
}
