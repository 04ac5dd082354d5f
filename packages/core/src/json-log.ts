import { inspect } from 'node:util';

import { pino, type DestinationStream, type Logger } from 'pino';

import type { Fields, Log } from './log.ts';
import { Problem } from './problem.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

const flushMs = 200;
const bufferBytesMin = 4_096;
const bufferBytesMax = 8 * 1_048_576;
const secretKeys =
  /^(?:password|passwd|secret|token|authorization|cookie|set-cookie|apikey|api_key|card|iban|ssn)$/iu;
const depthMax = 6;

export interface JsonLog extends Log {
  setLevel(level: Level): void;
  /** Everything out, now: before the process ends. */
  flush(): void;
}

interface Options {
  readonly level: Level;
  /** Stand on every line. */
  readonly fields?: Fields;
  /** Default: standard output, buffered and asynchronous; past 8 MiB info lines are dropped and counted. */
  readonly destination?: DestinationStream;
  readonly onDrop?: (lines: number) => void;
}

/** JSON lines, buffered (4 KiB or 200 ms). Values under a secret's name are cut at any depth. */
export function createLog({ level, fields, destination, onDrop }: Options): JsonLog {
  const sink = destination ?? createSink(onDrop);
  const logger = pino(
    {
      level,
      base: fields === undefined ? null : { ...fields },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    sink,
  );
  return {
    ...wrap(logger),
    setLevel(next) {
      logger.level = next;
    },
    flush() {
      if ('flushSync' in sink && typeof sink.flushSync === 'function') sink.flushSync();
    },
  };
}

function createSink(onDrop: ((lines: number) => void) | undefined): DestinationStream {
  const sink = pino.destination({
    dest: 1,
    sync: false,
    minLength: bufferBytesMin,
    maxLength: bufferBytesMax,
  });
  sink.on('drop', () => onDrop?.(1));
  // A reader that went away must not end the process: there is nobody left to tell.
  sink.on('error', () => onDrop?.(1));
  setInterval(() => sink.flush(), flushMs).unref();
  return sink;
}

function wrap(logger: Logger): Log {
  return {
    debug: (msg, fields = {}) => logger.debug(cut(fields), msg),
    info: (msg, fields = {}) => logger.info(cut(fields), msg),
    warn: (msg, fields = {}) => logger.warn(cut(fields), msg),
    error: (msg, error, fields = {}) => logger.error({ ...cut(fields), ...describe(error) }, msg),
    fatal: (msg, error, fields = {}) => logger.fatal({ ...cut(fields), ...describe(error) }, msg),
    child: (fields) => wrap(logger.child(cut(fields))),
  };
}

function cut(fields: Fields, depth = 0): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (secretKeys.test(key)) result[key] = '[secret]';
    else if (isPlain(value)) result[key] = depth < depthMax ? cut(value, depth + 1) : '[deep]';
    else result[key] = value;
  }
  return result;
}

function isPlain(value: unknown): value is Fields {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

/** The chain of causes, with the stack of the first: what a person needs at the place that gives up. */
function describe(error: unknown): Record<string, unknown> {
  if (error === undefined) return {};
  if (!(error instanceof Error)) return { err: { message: inspect(error) } };
  const causes: string[] = [];
  for (
    let cause = error.cause;
    cause instanceof Error && causes.length < depthMax;
    cause = cause.cause
  ) {
    causes.push(`${cause.name}: ${cause.message}`);
  }
  return {
    err: {
      name: error.name,
      message: error.message,
      ...(error instanceof Problem ? { code: error.code, kind: error.kind } : {}),
      ...(causes.length === 0 ? {} : { causes }),
      stack: error.stack,
    },
  };
}
