/** One statement as it goes to the server. */
export interface Wire {
  readonly text: string;
  /** Prepared under this name; without one it is parsed each time. */
  readonly name?: string | undefined;
  readonly values?: readonly (string | null)[];
  /** At most so many rows now; the portal `p` holds the rest until its transaction ends. */
  readonly rowsMax?: number;
  /** The next rows of the portal that an earlier statement with `rowsMax` opened. */
  readonly isContinued?: boolean;
}

/** What came for one statement, every value as the server's text. */
export interface Answer {
  readonly command: string;
  readonly count: number;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** What came for the statements of one batch. Outside an explicit transaction a batch is one: all of it holds, or nothing. */
export interface BatchAnswer {
  /** Of the statements that ran, in their order; fewer than were sent where one failed. */
  readonly answers: readonly Answer[];
  /** What the server or the socket said, as it came; undefined where all went well. */
  readonly error: unknown;
  /** The connection ended before the server had answered the whole batch. */
  readonly isLost: boolean;
  /** The wait for a standby was given up: the commit is here, and may be nowhere else. */
  readonly isUnreplicated: boolean;
}

/** A statement that may return more rows than its portal was asked for has this command. */
export const suspended = 'SUSPENDED';
