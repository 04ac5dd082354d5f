import { randomInt } from 'node:crypto';

import { Problem, type Clock, type Log } from '@plinth/core';

import { Connection } from './connection.ts';
import { draining, unavailableProblem } from './errors.ts';
import { checkSession } from './needs-direct.ts';
import type { Target } from './wire/target.ts';

interface Subscription {
  readonly channel: string;
  onMessage(payload: string): void;
  onReconnect(): void;
}

export interface ListenerOptions {
  /** Direct: behind a pooler the next statement may be another session's. */
  readonly target: Target;
  readonly clock: Clock;
  readonly log: Log;
}

const reconnectMsMin = 100;
const reconnectMsMax = 5_000;
const channelForm = /^[a-z_][a-z0-9_]{0,62}$/u;

/** LISTEN for all channels of a process on one connection, which is opened again when it is lost. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #subscriptions = new Set<Subscription>();
  #connection: Promise<Connection> | undefined;
  #isClosed = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** @returns stops it. @throws {Problem} `postgres.unavailable` when there is no connection at first, `postgres.needs_direct` through a pooler. */
  async listen(
    channel: string,
    onMessage: (payload: string) => void,
    onReconnect: () => void,
  ): Promise<() => Promise<void>> {
    if (this.#isClosed) throw draining();
    const subscription = { channel: quoteChannel(channel), onMessage, onReconnect };
    this.#subscriptions.add(subscription);
    try {
      const connection = await (this.#connection ??= this.#open());
      await connection.send({ text: `listen ${subscription.channel}` });
    } catch (error) {
      this.#subscriptions.delete(subscription);
      if (error instanceof Problem) throw error;
      throw unavailableProblem('The database gives no connection to listen on.', error);
    }
    return () => this.#stop(subscription);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.close();
  }

  async #stop(subscription: Subscription): Promise<void> {
    this.#subscriptions.delete(subscription);
    const { channel } = subscription;
    if (this.#isClosed || [...this.#subscriptions].some((other) => other.channel === channel)) {
      return;
    }
    const connection = await this.#connection?.catch(() => undefined);
    // A connection that is lost listens to nothing either.
    await connection?.send({ text: `unlisten ${channel}` }).catch(() => undefined);
  }

  async #open(): Promise<Connection> {
    const { target, clock } = this.#options;
    const applicationName = `${target.applicationName}-listen`;
    try {
      const connection = await Connection.open({
        target: { ...target, applicationName },
        namedMax: 0,
        mono: () => clock.mono(),
      });
      await checkSession(connection);
      connection.onEnd = () => {
        this.#connection = undefined;
        this.#reconnectSoon(reconnectMsMin);
      };
      connection.onNotification = (channel, payload) => {
        for (const subscription of this.#subscriptions) {
          if (subscription.channel === channel) subscription.onMessage(payload);
        }
      };
      return connection;
    } catch (error) {
      this.#connection = undefined;
      throw error;
    }
  }

  #reconnectSoon(waitMs: number): void {
    if (this.#isClosed || this.#subscriptions.size === 0) return;
    this.#retry = setTimeout(() => void this.#reconnect(waitMs), waitMs / 2 + randomInt(waitMs));
    this.#retry.unref();
  }

  async #reconnect(waitMs: number): Promise<void> {
    if (this.#isClosed) return;
    try {
      const connection = await (this.#connection ??= this.#open());
      for (const channel of new Set([...this.#subscriptions].map((one) => one.channel))) {
        await connection.send({ text: `listen ${channel}` });
      }
    } catch {
      this.#reconnectSoon(Math.min(waitMs * 2, reconnectMsMax));
      return;
    }
    this.#options.log.info('postgres.listener_reconnected');
    for (const subscription of this.#subscriptions) subscription.onReconnect();
  }
}

/** @throws {Error} for a name that would need quotes. */
function quoteChannel(channel: string): string {
  if (channelForm.test(channel)) return channel;
  throw new Error(`${channel} is no channel: lower-case letters, digits and _, at most 63.`);
}
