import { hash } from 'node:crypto';

import { Problem, type Clock, type Ctx } from '@plinth/core';
import type { Context, Database } from '@plinth/postgres';

import type { Answer } from './answer.ts';
import { backgroundContext } from './background-context.ts';
import {
  findAnswer,
  keepAnswer,
  purgeAnswers,
  takeKey,
  type KeyPlace,
  type KeptAnswer,
} from './idempotency-table.ts';

/** One command with its key. */
interface KeyedCommand extends KeyPlace {
  readonly fingerprint: Buffer;
}

export interface Idempotency {
  /**
   * Runs the command once a key: its effect and its answer are one commit. A repetition gets that answer.
   *
   * @param run gets the context of the open unit of work.
   * @throws {Problem} `http.idempotency_reused`, `http.idempotency_busy`, and what `run` throws.
   */
  once(ctx: Ctx, command: KeyedCommand, run: (inside: Ctx) => Promise<Answer>): Promise<Answer>;
}

const keepMs = 86_400_000;
const waitMs = 2_000;
const bodyBytesMax = 262_144;
const purgeMax = 1_000;
const purgeTimeoutMs = 30_000;
const keyForm = /^[ -~]{1,255}$/u;

export function createIdempotency({ database, clock }: Needs): Idempotency {
  const flights = new Map<string, Flight>();

  return {
    async once(ctx, command, work) {
      const place = `${command.tenant} ${command.actor} ${command.operation} ${command.key}`;
      for (;;) {
        const flight = flights.get(place);
        if (flight === undefined) break;
        if (!flight.fingerprint.equals(command.fingerprint)) throw reused();
        // Waits here, without a connection: the first one's answer is this one's too, a failure included.
        const answer = await within(clock, ctx.signal, settle(flight.answer));
        if (answer !== undefined) return replayed(answer);
      }
      const answer = runFirst(database, ctx, command, work);
      flights.set(place, { fingerprint: command.fingerprint, answer });
      try {
        return await answer;
      } finally {
        flights.delete(place);
      }
    },
  };
}

interface Needs {
  readonly database: Database;
  readonly clock: Clock;
}
interface Flight {
  readonly fingerprint: Buffer;
  readonly answer: Promise<Answer>;
}

async function runFirst(
  database: Database,
  ctx: Ctx,
  command: KeyedCommand,
  work: (inside: Ctx) => Promise<Answer>,
): Promise<Answer> {
  const progress = { isTaken: false };
  try {
    return await database.write(
      ctx,
      async (tx) => {
        progress.isTaken = false;
        const isFirst = await takeKey(tx, { ...command, keepMs });
        progress.isTaken = true;
        if (!isFirst) return replay(command, await findAnswer(tx, command));
        const answer = await work({ ...ctx, unitOfWork: tx.context.unitOfWork });
        await keepAnswer(tx, command, toKept(answer));
        return answer;
      },
      // Another process has the key: waited for no longer than this, and not again.
      { lockTimeoutMs: waitMs },
    );
  } catch (error) {
    const isWaiting = !progress.isTaken && Problem.from(error).code === 'postgres.lock_timeout';
    throw isWaiting ? busy(error) : error;
  }
}

/** Undefined where the first one's client went away: nothing was kept, so the next one runs. */
async function settle(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (Problem.from(error).kind === 'cancelled') return undefined;
    throw error;
  }
}

/** Removes answers older than a day, 1,000 a call. @returns how many. */
export async function purgeIdempotency(database: Database): Promise<number> {
  const context: Context = backgroundContext(purgeTimeoutMs);
  return purgeAnswers(database, context, purgeMax);
}

/** @throws {Problem} `http.bad_idempotency_key` */
export function checkKey(key: string): string {
  if (keyForm.test(key)) return key;
  throw new Problem('Idempotency-Key is 1 to 255 visible characters.', {
    code: 'http.bad_idempotency_key',
    kind: 'invalid',
  });
}

/** The same for the same command, whatever the order of its fields. The version is left out: a retry may know a newer one. */
export function fingerprintOf(operation: string, input: Readonly<Record<string, unknown>>): Buffer {
  const { version: _, ...rest } = input;
  return hash('sha256', `${operation} ${canonical(rest)}`, 'buffer');
}

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null)
    return value === undefined ? 'null' : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`).join(',')}}`;
}

function replay(command: KeyedCommand, kept: KeptAnswer | undefined): Answer {
  if (kept === undefined) throw busy(undefined);
  if (!kept.fingerprint.equals(command.fingerprint)) throw reused();
  return replayed({
    status: kept.status,
    headers: kept.headers,
    ...(kept.body === undefined ? {} : { body: kept.body }),
  });
}

function replayed(answer: Answer): Answer {
  return { ...answer, headers: [...answer.headers, 'idempotency-replayed', 'true'] };
}

function toKept({ status, headers, body }: Answer): Omit<KeptAnswer, 'fingerprint'> {
  const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(body);
  return { status, headers, body: bytes.length > bodyBytesMax ? undefined : bytes };
}

async function within<result>(
  clock: Clock,
  signal: AbortSignal,
  work: Promise<result>,
): Promise<result> {
  const done = new AbortController();
  const late = clock.sleep(waitMs, AbortSignal.any([signal, done.signal])).then(() => {
    throw busy(undefined);
  });
  late.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}

function reused(): Problem {
  return new Problem('This Idempotency-Key stands for another command.', {
    code: 'http.idempotency_reused',
    kind: 'unprocessable',
  });
}

function busy(cause: unknown): Problem {
  return new Problem('The first call with this Idempotency-Key is still running.', {
    code: 'http.idempotency_busy',
    kind: 'conflict',
    retryAfterMs: 1_000,
    cause,
  });
}
