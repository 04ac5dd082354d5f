import type { Connection } from '../connection.ts';
import type { PoolStats } from '../database.ts';
import { isUnreachable } from '../failure.ts';
import type { HostPool, LaneOptions, LaneRead } from '../host-pool.ts';
import type { BatchAnswer, Wire } from '../wire/wire.ts';
import type { Hosts } from './hosts.ts';

/** The connections of whichever host leads now. */
export class PrimaryPool implements HostPool {
  readonly name: string;
  readonly #hosts: Hosts;
  readonly #owners = new WeakMap<Connection, HostPool>();

  constructor(name: string, hosts: Hosts) {
    this.name = name;
    this.#hosts = hosts;
  }

  async batch(wires: readonly Wire[], options: LaneOptions): Promise<BatchAnswer> {
    const { pool } = await this.#hosts.primary(options);
    return pool.batch(wires, options);
  }

  async read(read: LaneRead): Promise<BatchAnswer> {
    const { pool } = await this.#hosts.primary(read);
    return pool.read(read);
  }

  async acquire(signal: AbortSignal): Promise<Connection> {
    const host = await this.#hosts.primary({ signal });
    const { pool } = host;
    const connection = await pool.acquire(signal).catch((error: unknown) => {
      if (isUnreachable(error)) this.#hosts.failed(host, 'lost');
      throw error;
    });
    this.#owners.set(connection, pool);
    return connection;
  }

  release(connection: Connection): void {
    this.#owners.get(connection)?.release(connection);
  }

  renew(): void {
    for (const { pool } of this.#hosts.all) pool.renew();
  }

  abandon(): void {
    for (const { pool } of this.#hosts.all) pool.abandon();
  }

  stats(): PoolStats[] {
    return this.#hosts.all.flatMap(({ pool }) => pool.stats());
  }

  async drain(deadlineMs: number): Promise<{ finished: number; cancelled: number }> {
    this.#hosts.close();
    const reports = await Promise.all(this.#hosts.all.map(({ pool }) => pool.drain(deadlineMs)));
    return {
      finished: reports.reduce((sum, { finished }) => sum + finished, 0),
      cancelled: reports.reduce((sum, { cancelled }) => sum + cancelled, 0),
    };
  }
}
