import type { BodyOf, EventDef, NamedEvent } from '@plinth/contract';
import { idTime, Problem, type Actor, type Clock, type NewId } from '@plinth/core';
import type { Transaction } from '@plinth/postgres';

import { publishEvents } from './outbox-table.ts';
import { partOf } from './xxh32.ts';

export interface PublishOptions {
  /** Instead of the field that the contract names; at most 200 bytes. */
  readonly key?: string;
  /** UUIDv7. Default: a new one. */
  readonly id?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Outbox {
  /**
   * Adds an event to the transaction: it is sent if and only if the transaction commits, or the savepoint
   * in which it was published. Tenant, actor, request and trace are those of `tx.context`.
   *
   * @throws {Problem} `messaging.bad_event` for a body that its schema refuses, `messaging.bad_key`,
   *   `messaging.too_large` above 256 KiB of JSON, `messaging.too_many_keys` above 32 keys of order `locked`.
   */
  publish<def extends EventDef>(
    tx: Transaction,
    event: NamedEvent<def>,
    body: BodyOf<def>,
    options?: PublishOptions,
  ): void;
}

/** The event whose handler publishes. */
interface Cause {
  readonly id: string;
  readonly correlation: string;
}

interface Needs {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly bodyBytesMax: number;
  /** Called after a commit that published. */
  wake(): void;
}

/** What a transaction publishes, on its way to the server with the commit. */
interface Flight {
  readonly events: string[];
  readonly locks: Set<string>;
  readonly days: Set<string>;
}
interface Prepared {
  readonly json: string;
  readonly lock: string | undefined;
  readonly days: readonly string[];
}

/** The server's table of locks is finite: 64 a connection. Who writes more keys at once declares `held`. */
const lockedKeysMax = 32;
const keyBytesMax = 200;

export interface OwnOutbox extends Outbox {
  /** From here on, what this transaction publishes was caused by that event. */
  follow(tx: Transaction, cause: Cause): void;
}

export function createOutbox(needs: Needs): OwnOutbox {
  const flights = new WeakMap<object, Flight>();
  const lockCounts = new WeakMap<object, Set<string>>();
  const causes = new WeakMap<object, Cause>();

  return {
    follow(tx, cause) {
      causes.set(rootOf(tx), cause);
    },
    publish(tx, event, body, options = {}) {
      const root = rootOf(tx);
      const prepared = prepare({ event, body, options, tx, cause: causes.get(root) }, needs);
      if (prepared.lock !== undefined) {
        const locks = lockCounts.get(root) ?? new Set();
        lockCounts.set(root, locks.add(prepared.lock));
        if (locks.size > lockedKeysMax) throw tooManyKeys(event.name);
      }
      // One call for each event, so that a savepoint's rollback takes its own away; the first that is
      // called at the commit adds the one statement for all, behind them.
      tx.beforeCommit((later) => {
        const flight = flights.get(root) ?? startFlight();
        if (!flights.has(root)) {
          flights.set(root, flight);
          later(() => ({ statement: publishEvents, params: toParams(flight) }));
        }
        flight.events.push(prepared.json);
        for (const day of prepared.days) flight.days.add(day);
        if (prepared.lock !== undefined) flight.locks.add(prepared.lock);
        return undefined;
      });
      tx.after(needs.wake);
    },
  };
}

/** The open transaction itself, whichever of its faces was passed on. */
function rootOf(tx: Transaction): object {
  const { unitOfWork } = tx.context;
  return typeof unitOfWork === 'object' && unitOfWork !== null ? unitOfWork : tx;
}

function startFlight(): Flight {
  return { events: [], locks: new Set(), days: new Set() };
}

function toParams({ events, locks, days }: Flight) {
  return { events: `[${events.join(',')}]`, locks: [...locks], days: [...days] };
}

interface Publication {
  readonly event: NamedEvent;
  readonly body: unknown;
  readonly options: PublishOptions;
  readonly tx: Transaction;
  readonly cause: Cause | undefined;
}

function prepare(publication: Publication, needs: Needs): Prepared {
  const { event, body, options, tx } = publication;
  const parsed = event.schema.safeParse(body);
  if (!parsed.success) throw badEvent(event.name, parsed.error);
  const bodyJson = JSON.stringify(parsed.data);
  if (Buffer.byteLength(bodyJson) > needs.bodyBytesMax) throw tooLarge(event.name);
  const key = keyOf(event, parsed.data, options.key);
  const id = options.id ?? needs.newId();
  const tenant = tx.context.tenant === 'none' ? null : tx.context.tenant;
  const at = new Date(needs.clock.now()).toISOString();
  const head = JSON.stringify({
    id,
    part: partOf(key ?? id),
    key,
    tenant,
    name: event.name,
    version: event.version,
    at,
    meta: metaOf(publication, id),
  });
  return {
    json: `${head.slice(0, -1)},"body":${bodyJson}}`,
    lock: event.order === 'locked' && key !== null ? `${tenant ?? ''} ${key}` : undefined,
    // Of the inbox as well: a given id may be older.
    days: [at.slice(0, 10), new Date(idTime(id)).toISOString().slice(0, 10)],
  };
}

function metaOf({ tx, cause, options }: Publication, id: string) {
  const { reqId = id, traceparent, actor } = tx.context;
  return {
    actor: actorOf(actor),
    reqId,
    ...(traceparent === undefined ? {} : { traceparent }),
    correlation: cause?.correlation ?? reqId,
    causation: cause?.id ?? null,
    ...(options.headers === undefined ? {} : { headers: options.headers }),
  };
}

function actorOf(actor: Actor | undefined) {
  return actor === undefined ? null : { kind: actor.kind, id: actor.id };
}

function keyOf(event: NamedEvent, body: unknown, given: string | undefined): string | null {
  if (given === undefined && event.key === null) return null;
  const key: unknown =
    given ??
    (typeof body === 'object' && body !== null ? Reflect.get(body, event.key ?? '') : undefined);
  if (typeof key === 'string' && Buffer.byteLength(key) <= keyBytesMax) return key;
  throw new Problem(`The key of ${event.name} is a text of at most ${keyBytesMax} bytes.`, {
    code: 'messaging.bad_key',
    kind: 'internal',
  });
}

function badEvent(name: string, cause: unknown): Problem {
  return new Problem(`The body of ${name} does not fit its schema.`, {
    code: 'messaging.bad_event',
    kind: 'internal',
    cause,
  });
}

function tooLarge(name: string): Problem {
  return new Problem(`The body of ${name} is larger than an event may be.`, {
    code: 'messaging.too_large',
    kind: 'tooLarge',
  });
}

function tooManyKeys(name: string): Problem {
  return new Problem(
    `A transaction publishes ${name} for more than ${lockedKeysMax} keys in locked order; bulk work declares held.`,
    { code: 'messaging.too_many_keys', kind: 'internal' },
  );
}
