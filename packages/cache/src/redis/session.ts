import { Problem, type Clock } from '@plinth/core';
import { Redis } from 'ioredis';

import { away, findLogServer, plainClient, type Address, type RedisPlace } from './place.ts';

const commandMs = 2_000;
const versionMin = 7;
const digitsOfReplid = 5;

/** What a server says of itself. */
export interface ServerFacts {
  readonly role: string;
  readonly replid: string;
  readonly version: number;
  readonly policy: string;
  readonly memoryBytes: number;
  readonly memoryBytesMax: number;
}

export interface LogId {
  readonly epoch: number;
  readonly seq: number;
}

export interface LogFacts {
  readonly server: ServerFacts;
  /** The last id that the log gave; undefined: there is no log. */
  readonly last: LogId | undefined;
  /** What it still has. */
  readonly length: number;
  readonly seconds: number;
}

/** Two connections to one master, for the log: they live and die together. */
export class Session {
  readonly address: Address;
  readonly #append: Redis;
  readonly #tail: Redis;
  readonly #others: Redis[] = [];
  readonly #ended = Promise.withResolvers<never>();
  #isEnded = false;

  private constructor(address: Address, append: Redis, tail: Redis) {
    this.address = address;
    this.#append = append;
    this.#tail = tail;
    this.#ended.promise.catch(() => 'heard by each command');
    for (const client of [append, tail]) {
      client.on('error', (error: Error) => this.end(error));
      client.on('end', () => this.end(away('The connection to the log has ended.')));
    }
  }

  /** @throws what the server or the network says. */
  static async open(place: RedisPlace, logKey: string): Promise<Session> {
    const address = await findLogServer(place, logKey);
    const session = new Session(address, plainClient(place, address), plainClient(place, address));
    try {
      await session.#within(Promise.all([session.#append.connect(), session.#tail.connect()]));
      if (place.kind === 'sentinel') session.#watchSentinels(place);
      return session;
    } catch (error) {
      session.end(error);
      throw error;
    }
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  end(reason: unknown): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#ended.reject(reason);
    for (const client of [this.#append, this.#tail, ...this.#others]) client.disconnect();
  }

  /** On the connection for appends. */
  call(...words: readonly [string, ...(string | number)[]]): Promise<unknown> {
    const [command, ...rest] = words;
    return this.#within(this.#append.call(command, ...rest));
  }

  /** On the connection of the tail, which may block: at most `blockMs` longer than others. */
  listen(blockMs: number, ...words: readonly [string, ...(string | number)[]]): Promise<unknown> {
    const [command, ...rest] = words;
    return this.#within(this.#tail.call(command, ...rest), blockMs === 0 ? commandMs : blockMs);
  }

  /** Both connections must have reached the same server, and it must be a master. */
  async inspect(logKey: string): Promise<LogFacts> {
    const [one, other] = await this.#within(Promise.all([this.#append.info(), this.#tail.info()]));
    const server = readInfo(one);
    const second = readInfo(other);
    if (server.version < versionMin) {
      throw configProblem('The cache needs Redis 7.0 or newer, or Valkey.');
    }
    if (server.role !== 'master' || second.role !== 'master') throw away('It is no master.');
    if (server.replid !== second.replid) throw away('The connections reached two servers.');
    const [seconds] = await this.#within(this.#append.time());
    return { server, ...(await this.log(logKey)), seconds: Number(seconds) };
  }

  /** @returns what XINFO says on the tail's connection. */
  async log(logKey: string): Promise<Pick<LogFacts, 'last' | 'length'>> {
    try {
      const answer = await this.#within(this.#tail.call('XINFO', 'STREAM', logKey));
      const fields = Array.isArray(answer) ? answer : [];
      const of = (name: string): unknown => fields[fields.indexOf(name) + 1];
      return { last: readId(of('last-generated-id')), length: Number(of('length')) };
    } catch (error) {
      if (error instanceof Error && error.message.includes('no such key')) {
        return { last: undefined, length: 0 };
      }
      throw error;
    }
  }

  /** Milliseconds to be added to the clock's `mono` for the server's time: the best of some by round trip. */
  async offset(clock: Clock, tries: number): Promise<number> {
    let best = { tookMs: Infinity, offsetMs: 0 };
    for (let i = 0; i < tries; i += 1) {
      const sentAt = clock.mono();
      const [seconds, micros] = await this.#within(this.#append.time());
      const tookMs = clock.mono() - sentAt;
      const serverMs = Number(seconds) * 1_000 + Number(micros) / 1_000;
      if (tookMs < best.tookMs) best = { tookMs, offsetMs: serverMs - sentAt - tookMs / 2 };
    }
    return best.offsetMs;
  }

  async info(): Promise<ServerFacts> {
    return readInfo(await this.#within(this.#append.info()));
  }

  /** A sentinel that tells of another master ends the session at once. */
  #watchSentinels(place: Extract<RedisPlace, { kind: 'sentinel' }>): void {
    for (const { host, port } of place.sentinels) {
      const client = new Redis({ host, port, retryStrategy: () => null, maxRetriesPerRequest: 0 });
      this.#others.push(client);
      client.on('error', () => 'the others tell it too, and the next question does');
      client.on('message', (_channel, text: string) => {
        if (text.startsWith(`${place.master} `)) this.end(away('There is another master.'));
      });
      client.subscribe('+switch-master').catch(() => 'as above');
    }
  }

  async #within<result>(work: Promise<result>, ms = commandMs): Promise<result> {
    const timer = setTimeout(() => this.end(away('The log did not answer in time.')), ms);
    try {
      return await Promise.race([work, this.#ended.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The part of an epoch that names the server's history. */
export function digitsOf(replid: string): number {
  return Number.parseInt(replid.slice(0, digitsOfReplid), 16);
}

export function readId(id: unknown): LogId | undefined {
  const [, epoch, seq] = /^(\d+)-(\d+)$/u.exec(String(id)) ?? [];
  return epoch === undefined ? undefined : { epoch: Number(epoch), seq: Number(seq) };
}

function readInfo(text: string): ServerFacts {
  const of = (name: string) => new RegExp(`^${name}:(.*)$`, 'mu').exec(text)?.[1]?.trim() ?? '';
  return {
    role: of('role'),
    replid: of('master_replid'),
    version: Number.parseInt(of('redis_version'), 10),
    policy: of('maxmemory_policy'),
    memoryBytes: Number(of('used_memory')),
    memoryBytesMax: Number(of('maxmemory')),
  };
}

export function configProblem(message: string, cause?: unknown): Problem {
  return new Problem(message, { code: 'cache.config', kind: 'internal', cause });
}

/** What no waiting mends: a wrong password, a missing permission, a server that is too old. */
export function asConfigProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error.code === 'cache.config' ? error : undefined;
  if (!(error instanceof Error)) return undefined;
  const isRefused = /^(?:WRONGPASS|NOPERM|NOAUTH)|ERR invalid password|certificate/u.test(
    error.message,
  );
  return isRefused ? configProblem('Redis refuses this client.', error) : undefined;
}
