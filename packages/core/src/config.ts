import { readFileSync, statSync } from 'node:fs';
import { inspect } from 'node:util';

import type { z } from 'zod';

import { nearest } from './nearest.ts';

const fileBytesMax = 65_536;
const hidden = '[secret]';

/** A value that never shows itself by accident: not in text, JSON, logs or `inspect`. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  /** The value. Call it where it is used, never to pass it on. */
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return hidden;
  }
  toJSON(): string {
    return hidden;
  }
  [inspect.custom](): string {
    return hidden;
  }
}

interface Meta<value> {
  readonly doc: string;
  /** Absent: the variable must be set. */
  readonly default?: value;
}
/** One variable: what it is called, what it may be, what it is for. */
export interface Variable<value = unknown> {
  readonly name: string;
  readonly schema: z.ZodType;
  readonly secret: boolean;
  readonly optional: boolean;
  readonly meta: Meta<unknown>;
  /** Types only. */
  readonly _types?: value;
}
export interface Config<variables extends Variables = Variables> {
  readonly owner: string;
  readonly variables: variables;
}
type Variables = Readonly<Record<string, Variable>>;
type Values<variables extends Variables> = {
  readonly [name in keyof variables]: variables[name] extends Variable<infer value> ? value : never;
};

export function env<value>(
  name: string,
  schema: z.ZodType<value>,
  meta: Meta<NoInfer<value>>,
): Variable<value> {
  return { name, schema, secret: false, optional: false, meta };
}
/** Undefined where it is not set. */
export function envOptional<value>(
  name: string,
  schema: z.ZodType<value>,
  meta: { readonly doc: string },
): Variable<value | undefined> {
  return { name, schema, secret: false, optional: true, meta };
}
/** A URL may hold a password: it is shown without it. */
export function envSecret(
  name: string,
  schema: z.ZodType<string>,
  meta: { readonly doc: string },
): Variable<Secret | undefined> {
  return { name, schema, secret: true, optional: true, meta };
}

export function defineConfig<const variables extends Variables>(
  owner: string,
  variables: variables,
): Config<variables> {
  return { owner, variables };
}

/** A value with where it came from, as `plinth config` prints it. */
export interface ConfigLine {
  readonly name: string;
  readonly value: string;
  readonly source: 'env' | 'file' | 'default' | 'unset';
  readonly owner: string;
  readonly doc: string;
}

/** Every fault of the configuration at once. The process exits with 78 (EX_CONFIG of sysexits.h). */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly exitCode = 78;
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(
      `The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    );
    this.faults = faults;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

export interface Loaded {
  /** The values of one package's declaration. */
  of<variables extends Variables>(config: Config<variables>): Values<variables>;
  readonly lines: readonly ConfigLine[];
  /** Variables with one of our prefixes that nobody declared, with the nearest name. */
  readonly warnings: readonly string[];
}

/**
 * Reads all packages' variables at once. `X_FILE` holds the path of a file with the value of `X`.
 *
 * @throws {ConfigError} listing every fault; never the value of a secret.
 */
export function loadConfig(configs: readonly Config[], environment: Environment): Loaded {
  const faults: string[] = [];
  const lines: ConfigLine[] = [];
  const values = new Map<Config, Record<string, unknown>>();
  for (const config of configs) {
    const own: Record<string, unknown> = {};
    for (const [key, variable] of Object.entries(config.variables)) {
      const read = readVariable(variable, environment);
      if ('fault' in read) {
        faults.push(`${variable.name}: ${read.fault} (${variable.meta.doc})`);
        continue;
      }
      own[key] = read.value;
      lines.push({
        name: variable.name,
        value: show(read.value),
        source: read.source,
        owner: config.owner,
        doc: variable.meta.doc,
      });
    }
    values.set(config, own);
  }
  const warnings = findUnknown(configs, environment);
  if (environment['PLINTH_STRICT_CONFIG'] === '1') faults.push(...warnings);
  if (faults.length > 0) throw new ConfigError(faults);
  return {
    lines,
    warnings,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each value was parsed by its variable's schema
    of: (config) => (values.get(config) ?? {}) as Values<typeof config.variables>,
  };
}

type Read =
  | { readonly value: unknown; readonly source: ConfigLine['source'] }
  | { readonly fault: string };

function readVariable(variable: Variable, environment: Environment): Read {
  const { name, secret } = variable;
  const direct = environment[name] ?? '';
  const path = environment[`${name}_FILE`] ?? '';
  if (path === '') return parse(variable, direct, 'env');
  if (direct !== '') return { fault: `both ${name} and ${name}_FILE are set` };
  const file = readValueFile(path, secret && environment['NODE_ENV'] === 'production');
  return 'fault' in file ? file : parse(variable, file.text, 'file');
}

function parse(variable: Variable, text: string, source: 'env' | 'file'): Read {
  const { schema, secret, optional, meta } = variable;
  if (text === '') {
    if ('default' in meta) return { value: meta.default, source: 'default' };
    return optional ? { value: undefined, source: 'unset' } : { fault: 'is missing' };
  }
  const parsed = schema.safeParse(text);
  if (parsed.success) return { value: secret ? new Secret(text) : parsed.data, source };
  const reason = parsed.error.issues.map(({ message }) => message).join('; ');
  return { fault: secret ? 'is not valid' : reason };
}

function readValueFile(path: string, privately: boolean): { text: string } | { fault: string } {
  try {
    const stat = statSync(path);
    if (stat.size > fileBytesMax) return { fault: `${path} is larger than 64 KiB` };
    if (privately && (stat.mode & 0o004) !== 0)
      return { fault: `${path} is readable by everybody` };
    return { text: readFileSync(path, 'utf8').replace(/\n$/u, '') };
  } catch {
    return { fault: `${path} cannot be read` };
  }
}

function show(value: unknown): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : inspect(value, { breakLength: Infinity });
  return text.replace(/(\w+:\/\/[^:/@\s]*):[^@/\s]+@/gu, '$1:***@');
}

function findUnknown(configs: readonly Config[], environment: Environment): string[] {
  const names = new Set(
    configs.flatMap(({ variables }) =>
      Object.values(variables).flatMap(({ name }) => [name, `${name}_FILE`]),
    ),
  );
  names.add('PLINTH_STRICT_CONFIG');
  const prefixes = new Set([...names].map((name) => `${name.split('_')[0] ?? name}_`));
  // These belong to tools as well, such as libpq's own variables.
  for (const foreign of ['NODE_', 'DATABASE_']) prefixes.delete(foreign);
  return Object.keys(environment).flatMap((name) => {
    const ours = [...prefixes].some((prefix) => name.startsWith(prefix));
    if (!ours || names.has(name)) return [];
    const near = nearest(name, names);
    return [`${name} is not known${near === undefined ? '' : `; ${near} is`}`];
  });
}
