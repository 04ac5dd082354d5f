/** What varies, under the telemetry names, with units: `{ part: 'pool', waitedMs: 12 }`. */
export type Fields = Readonly<Record<string, unknown>>;

/** One line of JSON a message. The message is a constant of dotted words: it can be searched for. */
export interface Log {
  debug(msg: string, fields?: Fields): void;
  info(msg: string, fields?: Fields): void;
  warn(msg: string, fields?: Fields): void;
  error(msg: string, error: unknown, fields?: Fields): void;
  fatal(msg: string, error: unknown, fields?: Fields): void;
  /** The fields stand on every line of the child. */
  child(fields: Fields): Log;
}

const nothing = () => {};
export const noLog: Log = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
  child: () => noLog,
};
