import type { Clock, Json } from '@plinth/core';
import type { Database } from '@plinth/postgres';

import { completeJobs } from './claim-table.ts';
import { writeAsWorker } from './system-context.ts';

interface Ended {
  readonly id: string;
  readonly epoch: number;
  readonly result: Json | null;
  resolve(isOurs: boolean): void;
  reject(error: unknown): void;
}

const gatherMs = 5;
const batchMax = 500;

/** Ends jobs that are done, many in one statement. */
export class Completions {
  readonly #database: Database;
  readonly #clock: Clock;
  #batch: Ended[] = [];

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** @returns false when another worker has the job: its end does not count. */
  complete(id: string, epoch: number, result: Json | null): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#batch.push({ id, epoch, result, resolve, reject });
      if (this.#batch.length === batchMax) void this.#flush();
      else if (this.#batch.length === 1) void this.#flushSoon(this.#batch);
    });
  }

  async #flushSoon(batch: readonly Ended[]): Promise<void> {
    await this.#clock.sleep(gatherMs, new AbortController().signal);
    if (this.#batch === batch) await this.#flush();
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    try {
      const ids = batch.map(({ id }) => id);
      const rows = await writeAsWorker(this.#database, (tx) =>
        tx.many(completeJobs, {
          ids,
          epochs: batch.map(({ epoch }) => epoch),
          results: batch.map(({ result }) => result),
        }),
      );
      const ours = new Set(rows.map(({ id }) => id));
      for (const { id, resolve } of batch) resolve(ours.has(id));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
