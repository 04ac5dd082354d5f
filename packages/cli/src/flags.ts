import { parseArgs } from 'node:util';

import { nearest } from '@plinth/core';

import { CommandFailure, exitCodes } from './exit.ts';

export interface Flag {
  readonly type: 'string' | 'boolean';
  readonly doc: string;
  /** What stands for the value in the help: `--rate N`. */
  readonly value?: string;
  readonly oneOf?: readonly string[];
}
export type Flags = Readonly<Record<string, Flag>>;

export interface Parsed {
  text(name: string): string | undefined;
  is(name: string): boolean;
  /** @throws {CommandFailure} `usage` unless it is a whole number in the range. */
  count(name: string, min: number, max: number): number | undefined;
  readonly words: readonly string[];
}

/** Every command has these. */
export const commonFlags: Flags = {
  json: { type: 'boolean', doc: 'print one JSON document to standard output' },
  'no-color': { type: 'boolean', doc: 'no colours' },
  debug: { type: 'boolean', doc: 'show the stack of an error' },
  help: { type: 'boolean', doc: 'show this text' },
};

/** @throws {CommandFailure} `usage`, naming the nearest flag. */
export function parseFlags(flags: Flags, args: readonly string[]): Parsed {
  const known: Flags = { ...flags, ...commonFlags };
  for (const arg of args) {
    const name = /^--([a-z][a-z-]*)/u.exec(arg)?.[1];
    if (name === undefined || name in known) continue;
    const near = nearest(name, Object.keys(known));
    const hint = near === undefined ? '' : ` Did you mean --${near}?`;
    throw new CommandFailure(`There is no flag --${name}.${hint}`, exitCodes.usage);
  }
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { type }]) => [name, { type }]),
  );
  const { values, positionals } = parseStrictly(args, options);
  for (const [name, { oneOf }] of Object.entries(known)) {
    const value = values[name];
    if (oneOf === undefined || typeof value !== 'string' || oneOf.includes(value)) continue;
    throw new CommandFailure(`--${name} is one of ${oneOf.join(', ')}.`, exitCodes.usage);
  }
  const text = (name: string) => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    text,
    is: (name) => values[name] === true,
    count: (name, min, max) => toCount(name, text(name), min, max),
    words: positionals,
  };
}

function parseStrictly(args: readonly string[], options: Record<string, { type: Flag['type'] }>) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    throw new CommandFailure(message.split('.')[0] + '.', exitCodes.usage, undefined, error);
  }
}

function toCount(name: string, text: string | undefined, min: number, max: number) {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/u.test(text) && value >= min && value <= max) return value;
  throw new CommandFailure(`--${name} is a whole number from ${min} to ${max}.`, exitCodes.usage);
}
