import type { Ctx, Kind } from '@plinth/core';
import type { z } from '@plinth/core/z';

import { checkWireSubset } from './wire-subset.ts';
import type { HttpMapping } from './http-mapping.ts';

type Schema = z.ZodType;

interface Common {
  readonly input: Schema;
  /** `module.verb`; `'public'` is spelled out. */
  readonly permission: string;
  /** Milliseconds for the whole call, default 10,000 for a query, 15,000 for a command. */
  readonly deadline?: number;
  /** The codes that this operation answers, beyond those that every operation can. */
  readonly errors?: Readonly<Record<string, Kind>>;
  readonly summary?: string;
  readonly http?: HttpMapping;
}
export interface Query extends Common {
  readonly type: 'query';
  readonly output: Schema;
}
export interface Command extends Common {
  readonly type: 'command';
  readonly output: Schema;
}
/** Its answer is a sequence of items, each sent as it is made. */
export interface Stream extends Common {
  readonly type: 'stream';
  readonly item: Schema;
}
export type Operation = Query | Command | Stream;
export type Operations = Readonly<Record<string, Operation>>;

/** How the events of one key keep their order: messaging.md, «Publishing». */
export type EventOrder = 'locked' | 'held' | 'none';
export interface EventDef<schema extends Schema = Schema> {
  readonly type: 'event';
  readonly schema: schema;
  readonly version: number;
  /** The field that names the aggregate; null: unordered. */
  readonly key: string | null;
  readonly order: EventOrder;
  /** From version n to n+1; keys 1 … version−1 are all present. */
  readonly upcast?: Readonly<Record<number, (old: unknown) => unknown>>;
}
export type Events = Readonly<Record<string, EventDef>>;
/** An event with the name that it has on the wire: `invoicing.invoice-issued`. */
export type NamedEvent<def extends EventDef = EventDef> = def & { readonly name: string };
export type BodyOf<def extends EventDef> = z.output<def['schema']>;

export interface Module<
  name extends string = string,
  operations extends Operations = Operations,
  events extends Events = Events,
> {
  readonly name: name;
  readonly operations: operations;
  readonly events: { readonly [key in keyof events]: NamedEvent<events[key]> };
  /** Read views that other modules may join in SQL: name → columns. */
  readonly views: Readonly<Record<string, readonly string[]>>;
}

type In<operation extends Operation> = z.input<operation['input']>;
type Parsed<operation extends Operation> = z.output<operation['input']>;
type Answer<operation extends Operation> = operation extends Query | Command
  ? Promise<z.output<operation['output']>>
  : operation extends Stream
    ? AsyncIterable<z.output<operation['item']>>
    : never;

export type Client<module extends Module> = {
  readonly [name in keyof module['operations']]: (
    ctx: Ctx,
    input: In<module['operations'][name]>,
  ) => Answer<module['operations'][name]>;
};
export type UseCases<module extends Module> = {
  readonly [name in keyof module['operations']]: (
    ctx: Ctx,
    input: Parsed<module['operations'][name]>,
  ) => Answer<module['operations'][name]>;
};
export interface Implementation<module extends Module = Module> {
  readonly module: module;
  readonly handlers: UseCases<module>;
}

export function query<const def extends Omit<Query, 'type'>>(def: def): def & { type: 'query' } {
  return { ...def, type: 'query' };
}
export function command<const def extends Omit<Command, 'type'>>(
  def: def,
): def & { type: 'command' } {
  return { ...def, type: 'command' };
}
export function stream<const def extends Omit<Stream, 'type'>>(def: def): def & { type: 'stream' } {
  return { ...def, type: 'stream' };
}
/** @param def.order default `locked`; `held` if the publisher holds the row lock of the key's aggregate. */
export function event<schema extends Schema>(def: {
  readonly schema: schema;
  readonly key: string | null;
  readonly version?: number;
  readonly order?: EventOrder;
  readonly upcast?: Readonly<Record<number, (old: unknown) => unknown>>;
}): EventDef<schema> {
  return { version: 1, order: 'locked', ...def, type: 'event' };
}

const operationName = /^[a-z][A-Za-z0-9]{2,39}$/u;

/**
 * A module's public face: what others may call, hear and join.
 *
 * @throws {TypeError} naming the operation and the path of a schema that does not survive JSON.
 */
export function defineModule<
  const name extends string,
  const operations extends Operations,
  const events extends Events,
>(
  name: name,
  def: {
    readonly operations: operations;
    readonly events?: events;
    readonly views?: Readonly<Record<string, readonly string[]>>;
  },
): Module<name, operations, events> {
  for (const [key, operation] of Object.entries(def.operations)) {
    const place = `${name}.${key}`;
    if (!operationName.test(key)) throw new TypeError(`${place}: a name is ${operationName}`);
    checkMethod(place, operation);
    checkWireSubset(
      operation.input,
      `${place} input`,
      operation.type === 'command' ? 'commandInput' : 'input',
    );
    checkWireSubset(
      operation.type === 'stream' ? operation.item : operation.output,
      `${place} output`,
      'output',
    );
  }
  for (const [key, { schema }] of Object.entries(def.events ?? {})) {
    checkWireSubset(schema, `${name}.${key} event`, 'output');
  }
  const events = Object.entries(def.events ?? {}).map(([key, value]) => [
    key,
    { ...value, name: eventName(name, key) },
  ]);
  return {
    name,
    operations: def.operations,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each event of the definition, with its name
    events: Object.fromEntries(events) as Module<name, operations, events>['events'],
    views: def.views ?? {},
  };
}

function checkMethod(place: string, { type, http }: Operation): void {
  if (http === undefined) return;
  const reads = http.method === 'GET';
  if (reads === (type === 'command')) {
    throw new TypeError(`${place}: a ${type} is ${reads ? 'never' : 'always'} a GET`);
  }
}

/** A missing or an extra handler does not compile. */
export function implement<module extends Module>(
  module: module,
  handlers: UseCases<module>,
): Implementation<module> {
  return { module, handlers };
}

/** `invoicing` + `invoiceIssued` → `invoicing.invoice-issued`: the event's name on the wire, for ever. */
export function eventName(module: string, key: string): string {
  return `${module}.${key.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)}`;
}
