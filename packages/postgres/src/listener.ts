import { randomInt } from 'node:crypto';

import type { Log } from '@plinth/core';
import { Client } from 'pg';

import { clientConfig } from './connection.ts';
import { draining, unavailableProblem } from './errors.ts';

interface Subscription {
  readonly channel: string;
  onMessage(payload: string): void;
  onReconnect(): void;
}

export interface ListenerOptions {
  readonly url: string;
  readonly applicationName: string;
  readonly log: Log;
}

const reconnectMsMin = 100;
const reconnectMsMax = 5_000;
const channelForm = /^[a-z_][a-z0-9_]{0,62}$/u;

/** LISTEN for all channels of a process on one connection, which is opened again when it is lost. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #subscriptions = new Set<Subscription>();
  #client: Promise<Client> | undefined;
  #isClosed = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** @returns stops it. @throws {Problem} `postgres.unavailable` when there is no connection at first. */
  async listen(
    channel: string,
    onMessage: (payload: string) => void,
    onReconnect: () => void,
  ): Promise<() => Promise<void>> {
    if (this.#isClosed) throw draining();
    const subscription = { channel: quoteChannel(channel), onMessage, onReconnect };
    this.#subscriptions.add(subscription);
    try {
      const client = await (this.#client ??= this.#open());
      await client.query(`listen ${subscription.channel}`);
    } catch (error) {
      this.#subscriptions.delete(subscription);
      throw unavailableProblem('The database gives no connection to listen on.', error);
    }
    return () => this.#stop(subscription);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    const client = await this.#client?.catch(() => undefined);
    await client?.end();
  }

  async #stop(subscription: Subscription): Promise<void> {
    this.#subscriptions.delete(subscription);
    const { channel } = subscription;
    if (this.#isClosed || [...this.#subscriptions].some((other) => other.channel === channel)) {
      return;
    }
    const client = await this.#client?.catch(() => undefined);
    // A connection that is lost listens to nothing either.
    await client?.query(`unlisten ${channel}`).catch(() => undefined);
  }

  async #open(): Promise<Client> {
    const { url, applicationName } = this.#options;
    const client = new Client(clientConfig(url, `${applicationName}-listen`));
    let isOver = false;
    const lost = () => {
      if (isOver) return;
      isOver = true;
      this.#client = undefined;
      this.#reconnectSoon(reconnectMsMin);
    };
    client.on('error', lost);
    client.on('end', lost);
    client.on('notification', ({ channel, payload = '' }) => {
      for (const subscription of this.#subscriptions) {
        if (subscription.channel === channel) subscription.onMessage(payload);
      }
    });
    try {
      await client.connect();
    } catch (error) {
      isOver = true;
      this.#client = undefined;
      throw error;
    }
    return client;
  }

  #reconnectSoon(waitMs: number): void {
    if (this.#isClosed || this.#subscriptions.size === 0) return;
    this.#retry = setTimeout(() => void this.#reconnect(waitMs), waitMs / 2 + randomInt(waitMs));
    this.#retry.unref();
  }

  async #reconnect(waitMs: number): Promise<void> {
    if (this.#isClosed) return;
    try {
      const client = await (this.#client ??= this.#open());
      for (const channel of new Set([...this.#subscriptions].map((one) => one.channel))) {
        await client.query(`listen ${channel}`);
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
