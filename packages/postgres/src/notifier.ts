import type { Log } from '@plinth/core';

import type { HostPool } from './host-pool.ts';

const windowMs = 20;
const text = `select pg_notify(channel, '') from unnest($1::text[]) channel`;

/** NOTIFY outside any transaction: best effort, one a channel in each window. */
export class Notifier {
  readonly #pool: HostPool;
  readonly #log: Log;
  readonly #channels = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(pool: HostPool, log: Log) {
    this.#pool = pool;
    this.#log = log;
  }

  notify(channel: string): void {
    this.#channels.add(channel);
    this.#timer ??= setTimeout(() => void this.flush(), windowMs);
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const channels = [...this.#channels];
    this.#channels.clear();
    if (channels.length === 0) return;
    try {
      const connection = await this.#pool.acquire(AbortSignal.timeout(windowMs * 100));
      try {
        await connection.send({ text, values: [`{${channels.join(',')}}`] });
      } finally {
        this.#pool.release(connection);
      }
    } catch (error) {
      // Who listens polls as well: a lost wake-up costs time, no work.
      this.#log.debug('postgres.notify_failed', { channels, error: String(error) });
    }
  }
}
