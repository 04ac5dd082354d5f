import { Problem } from '@plinth/core';

import type { Grant } from './attempt.ts';
import { buryCarried, holdCarried, retryCarried } from './carried-table.ts';
import type { Inbound } from './delivery-table.ts';
import { buryMessage, holdMessages, retryMessage } from './failure-table.ts';
import { isLeaseHeld } from './lease-table.ts';
import type { DeadReason } from './messaging.ts';
import type { Core } from './needs.ts';
import type { Registered } from './registered.ts';
import { setPause } from './subscription-table.ts';
import { systemContext } from './system-context.ts';

/**
 * `free`: the key goes on. `blocked`: it waits. `lost`: the part belongs to another owner. `down`: it has not
 * run, since what it needs is down.
 */
export type Aftermath = 'free' | 'blocked' | 'lost' | 'down';

const errorCharactersMax = 1_000;
const newerDelayMs = 60_000;
const jitter = 0.2;

interface Wait {
  readonly attempts: number;
  readonly delayMs: number;
  readonly error: string;
}

/** What becomes of events that could not be handled. Each answer holds only while the lease does. */
export class Failures {
  readonly #core: Core;
  readonly #subscription: Registered;
  readonly #fence: Grant & { readonly owner: string };
  readonly #labels: { readonly sub: string };

  constructor(core: Core, grant: Grant, subscription: Registered) {
    this.#core = core;
    this.#subscription = subscription;
    this.#fence = { ...grant, owner: core.owner };
    this.#labels = { sub: subscription.name };
  }

  async isOurs(): Promise<boolean> {
    const { database, metrics } = this.#core;
    const { held } = await database.one(systemContext(), isLeaseHeld, this.#fence);
    if (!held) metrics.fenced.add(1, this.#labels);
    return held;
  }

  /** After a handler threw: another attempt later, or none. */
  async record(row: Inbound, error: unknown): Promise<Aftermath> {
    const { delaysMs, isPermanent, name } = this.#subscription;
    const delayMs = delaysMs[row.attempt];
    if (isPermanent(error)) return this.bury(row, 'permanent', error);
    if (delayMs === undefined) return this.bury(row, 'failed', error);
    const attempt = row.attempt + 1;
    const text = textOf(error);
    const facts = { subscription: name, event: row.id, attempt, error: text };
    this.#core.log.warn('messaging.retry', facts);
    return this.#retry(row, { attempts: 1, delayMs: spread(delayMs, row.id), error: text });
  }

  /** No attempt helps: it waits for a person. */
  async bury(row: Inbound, reason: DeadReason, error: unknown): Promise<Aftermath> {
    const { database, metrics, log } = this.#core;
    const params = { ...this.#fence, attempts: 1, reason, error: textOf(error) };
    const dead = await database.write(systemContext(), (tx) =>
      row.carried === undefined
        ? tx.maybe(buryMessage, { ...params, pos: row.pos })
        : tx.maybe(buryCarried, { ...params, ...toStored(row) }),
    );
    if (dead === undefined) return this.#untouched();
    metrics.dead.add(1, { ...this.#labels, reason });
    const { name, blocks } = this.#subscription;
    log.error('messaging.dead', error, { subscription: name, event: row.id, reason });
    return blocks ? 'blocked' : 'free';
  }

  /** A newer release wrote it: no attempt is counted. */
  postpone(row: Inbound): Promise<Aftermath> {
    const error = 'A newer release wrote it.';
    return this.#retry(row, { attempts: 0, delayMs: newerDelayMs, error });
  }

  /** Puts events behind the failed one of their key. Gives how many wait there then, or that the lease is lost. */
  async hold(lane: string, rows: readonly Inbound[]): Promise<number | 'lost'> {
    const { database } = this.#core;
    const place = { ...this.#fence, lane };
    const stored = rows.filter(({ carried }) => carried === undefined);
    const carried = rows.filter((row) => row.carried !== undefined);
    const answer = await database.write(systemContext(), async (tx) => {
      const pos = stored.map((row) => row.pos);
      const held = await tx.maybe(holdMessages, { ...place, pos });
      if (carried.length === 0) return held;
      return tx.maybe(holdCarried, { ...place, rows: carried.map((row) => toStored(row).row) });
    });
    if (answer === undefined) return 'lost';
    for (const row of carried) row.carried?.ack();
    return answer.held;
  }

  /** More wait behind one event than may: only a person goes on from here. */
  async pause(): Promise<void> {
    const { database, log } = this.#core;
    const { name } = this.#subscription;
    const params = { name, by: 'system', why: 'lane-full' };
    await database.write(systemContext(), (tx) => tx.run(setPause, params));
    log.warn('messaging.lane_full', { subscription: name });
  }

  async #retry(row: Inbound, wait: Wait): Promise<Aftermath> {
    const params = { ...this.#fence, ...wait };
    const { database } = this.#core;
    const kept = await database.write(systemContext(), async (tx) => {
      const changed =
        row.carried === undefined
          ? await tx.maybe(retryMessage, { ...params, pos: row.pos })
          : await tx.maybe(retryCarried, { ...params, ...toStored(row) });
      return changed !== undefined;
    });
    return !kept ? this.#untouched() : 'blocked';
  }

  /** Nothing was changed: it was handled after all, or somebody else owns it now. */
  async #untouched(): Promise<Aftermath> {
    return (await this.isOurs()) ? 'free' : 'lost';
  }
}

/** As the table keeps an event that came from a broker. */
function toStored({ src, seq, at, id, lane, carried }: Inbound) {
  return { lane, row: { src, seq: seq.toString(), at, id, event: carried?.stored } };
}

/** ± 20 %, by the event's id: its random end is as good as a fresh number. */
function spread(delayMs: number, id: string): number {
  const random = Number.parseInt(id.slice(-6), 16) / 0xff_ffff;
  return Math.round(delayMs * (1 + jitter * (2 * random - 1)));
}

/** For the operator: what was said, never a body. */
function textOf(error: unknown): string {
  const text =
    error instanceof Problem
      ? `${error.code}: ${error.message}`
      : error instanceof Error
        ? `${error.name}: ${error.message}`
        : String(error);
  return text.replaceAll('\0', '').slice(0, errorCharactersMax);
}
