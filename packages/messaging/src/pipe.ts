import { AsyncLocalStorage } from 'node:async_hooks';

import { bindPart } from './bind-part.ts';
import { keepCursor, unbindPart } from './binding-table.ts';
import { decodeCarried } from './carried.ts';
import { crashPoint } from './crash-point.ts';
import { blockedLanes, type Inbound } from './delivery-table.ts';
import type { Lease } from './lease.ts';
import type { Core } from './needs.ts';
import { systemContext } from './system-context.ts';
import type { Consumer, Inbound as Message, Transport } from './transport/transport.ts';

const retryMsMin = 50;
const retryMsMax = 2_000;
const calmPollMs = 5;
const creditMin = 64;
const creditMax = 1_000;

type End = 'missing' | 'away' | 'unbound' | 'over';

/** What a lease begins with. */
export interface Beginning {
  readonly isBound: boolean;
  readonly cursor: string | undefined;
}

/** Brings the messages of one broker's queue to the lease that owns it, and makes the queue whole when it is not. */
export class Pipe {
  readonly #core: Core;
  readonly #transport: Transport;
  readonly #lease: Lease;
  readonly #credit: number;
  readonly #ending = new AbortController();
  readonly #done: Promise<void>;
  #isBound: boolean;
  #cursor: string | undefined;
  #consumer: Consumer | undefined;
  #finish: ((end: End) => void) | undefined;

  /** @param shares how many leases share the process's memory. */
  constructor(core: Core, lease: Lease, { transport, shares, beginning }: PipeOptions) {
    this.#core = core;
    this.#transport = transport;
    this.#lease = lease;
    const fair = Math.floor(core.settings.prefetchRows / Math.max(shares, 1));
    this.#credit = Math.min(Math.max(fair, creditMin), creditMax);
    this.#isBound = beginning.isBound;
    this.#cursor = beginning.cursor;
    lease.isShut = true;
    this.#done = this.#run();
  }

  /** The relay found the queue ill. */
  unbind(): void {
    this.#finish?.('unbound');
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    this.#finish?.('over');
    await this.#done;
  }

  /** Where the next reader goes on, for a broker that does not remember it. */
  async keep(): Promise<void> {
    const cursor = this.#consumer?.cursor() ?? this.#cursor;
    if (cursor === undefined || !this.#isBound) return;
    const { database, owner } = this.#core;
    const params = { ...this.#lease.grant, owner, cursor };
    await database.write(systemContext(), (tx) => tx.run(keepCursor, params));
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#core;
    for (let failures = 0; !this.#isOver();) {
      try {
        if (!this.#isBound && !(await this.#bind())) return;
        const end = await this.#consume();
        await this.#calm();
        if (end === 'missing') await this.#unbind();
        if (end === 'unbound') this.#isBound = false;
        failures = end === 'away' ? failures + 1 : 0;
      } catch (error) {
        failures += 1;
        log.warn('messaging.pipe_failed', {
          subscription: this.#lease.subscription.name,
          part: this.#lease.grant.part,
          error: String(error),
        });
      }
      if (failures === 0) continue;
      const waitMs = Math.min(retryMsMin * 2 ** failures, retryMsMax);
      await clock.sleep(waitMs, this.#ending.signal).catch(() => undefined);
    }
  }

  #isOver(): boolean {
    return this.#ending.signal.aborted || this.#lease.isLost;
  }

  get #queue() {
    return { name: this.#lease.subscription.name, part: this.#lease.grant.part };
  }

  /** @returns false if the part is another owner's. */
  async #bind(): Promise<boolean> {
    const { settings, log } = this.#core;
    const cursor = await this.#transport.bind(this.#queue, this.#ending.signal);
    crashPoint('queue.made', settings.crashAt);
    const binding = { bound: this.#transport.boundAs, cursor: cursor ?? null };
    const isOurs = await bindPart(this.#core, this.#lease.grant, binding);
    crashPoint('queue.bound', settings.crashAt);
    log.info('messaging.queue_bound', { ...this.#queue });
    this.#cursor = cursor;
    this.#isBound = isOurs;
    return isOurs;
  }

  async #unbind(): Promise<void> {
    const { database, owner } = this.#core;
    const params = { ...this.#lease.grant, owner };
    await database.write(systemContext(), (tx) => tx.run(unbindPart, params));
    this.#isBound = false;
  }

  /** What waits is known before anything from the queue runs. Resolves when no more comes. */
  async #consume(): Promise<End> {
    const { sub, part } = this.#lease.grant;
    const params = { subs: [sub], parts: [part] };
    const waiting = await this.#core.database.many(systemContext(), blockedLanes, params);
    const { promise, resolve } = Promise.withResolvers<End>();
    this.#finish = resolve;
    if (this.#isOver()) return 'over';
    for (const { lane } of waiting) this.#lease.block(lane);
    this.#lease.isShut = false;
    this.#lease.mend();
    let fresh: Inbound[] = [];
    // A message may come within another's transaction, of the relay for one; its handling is no part of that.
    const asHere = AsyncLocalStorage.snapshot();
    this.#consumer = await this.#transport.consume(this.#queue, {
      cursor: this.#cursor,
      credit: this.#credit,
      onEnd: resolve,
      onMessage: (message) => {
        const row = this.#toRow(message);
        if (row === undefined) return;
        // What arrives together is offered together: batches are as large as what is there.
        if (fresh.length === 0) {
          setImmediate(() => {
            const rows = fresh;
            fresh = [];
            if (this.#lease.isShut || this.#lease.isLost) return;
            asHere(() => this.#lease.offer(rows));
          });
        }
        fresh.push(row);
      },
    });
    return promise;
  }

  #toRow(message: Message): Inbound | undefined {
    try {
      return decodeCarried(message.body, this.#lease.grant, () => message.ack());
    } catch (error) {
      this.#core.log.error('messaging.foreign_message', error, { ...this.#queue });
      message.ack();
      return undefined;
    }
  }

  /** Nothing of the ended reading runs or waits any more. */
  async #calm(): Promise<void> {
    const { clock } = this.#core;
    this.#lease.isShut = true;
    this.#finish = undefined;
    const consumer = this.#consumer;
    await consumer?.stop();
    this.#lease.forget();
    const { signal } = new AbortController();
    while (this.#lease.running > 0 && !this.#lease.isLost) await clock.sleep(calmPollMs, signal);
    this.#lease.forget();
    this.#cursor = consumer?.cursor() ?? this.#cursor;
    this.#consumer = undefined;
  }
}

interface PipeOptions {
  readonly transport: Transport;
  readonly shares: number;
  readonly beginning: Beginning;
}
