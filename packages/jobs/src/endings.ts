import { randomInt } from 'node:crypto';

import type { Clock, Log } from '@plinth/core';
import type { Database } from '@plinth/postgres';

import { deleteLive, endClaim, rescheduleJob } from './claim-table.ts';
import { Completions } from './completions.ts';
import { backoffMs, isLasting, toFailure } from './failure.ts';
import type { Hub } from './hub.ts';
import type { JobState } from './jobs.ts';
import type { Metrics } from './metrics.ts';
import type { Defined, Outcome, RunningJob } from './running-job.ts';
import { writeAsWorker } from './system-context.ts';

export interface EndingsNeeds {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly hub: Hub;
  readonly metrics: Metrics;
}

const settleMsMin = 100;
const settleMsMax = 5_000;
const jitterSteps = 2 ** 32;

/** Writes down how attempts ended, and tells it. */
export class Endings {
  readonly #needs: EndingsNeeds;
  readonly #completions: Completions;
  #isGivenUp = false;

  constructor(needs: EndingsNeeds) {
    this.#needs = needs;
    this.#completions = new Completions(needs.database, needs.clock);
  }

  /** What was aborted for the drain is given back by it, and has no end of its own. */
  giveUp(): void {
    this.#isGivenUp = true;
  }

  tell({ row, fraction, message }: RunningJob, state: JobState): void {
    const { id, name, tenant } = row;
    const shown = state === 'done' ? 1 : fraction;
    this.#needs.hub.tell(tenant, { id, name, state, fraction: shown, message });
  }

  /** A database that is away keeps the slot taken: the end of an attempt is not forgotten. */
  async settle(job: RunningJob, known: Defined, outcome: Outcome): Promise<void> {
    const { clock, log } = this.#needs;
    for (let tries = 0; !this.#isOver(job); tries += 1) {
      try {
        return await this.#end(job, known, outcome);
      } catch (error) {
        log.warn('jobs.end_failed', { job: job.row.name, jobId: job.row.id, error });
        const waitMs = Math.min(settleMsMax, settleMsMin * 2 ** tries);
        await clock.sleep(waitMs, new AbortController().signal);
      }
    }
  }

  #isOver({ abortReason }: RunningJob): boolean {
    return this.#isGivenUp && abortReason === 'drain';
  }

  async #end(job: RunningJob, known: Defined, outcome: Outcome): Promise<void> {
    const { row, abortReason } = job;
    const { metrics, clock } = this.#needs;
    const ms = clock.mono() - job.startedMs;
    if (outcome.how === 'finished') {
      await this.#forgetLive(row.id);
      metrics.ran(row.name, 'done', ms);
      return this.tell(job, 'done');
    }
    if (outcome.how === 'done') {
      const isOurs = await this.#completions.complete(row.id, row.epoch, outcome.result);
      if (!isOurs) return metrics.fenced();
      metrics.ran(row.name, 'done', ms);
      return this.tell(job, 'done');
    }
    if (abortReason === 'fenced') return metrics.fenced();
    return this.#fail(job, known, outcome.error, ms);
  }

  async #fail(job: RunningJob, { contract }: Defined, raw: unknown, ms: number): Promise<void> {
    const { row, abortReason } = job;
    const { metrics, database, log } = this.#needs;
    const error = toFailure(raw);
    const { id, epoch, attempt } = row;
    const isCancelled = abortReason === 'cancelled';
    const isLast = isCancelled || attempt >= row.attemptsMax || isLasting(raw);
    const outcome = isCancelled ? 'cancelled' : isLast ? 'dead' : 'failed';
    const rows = await writeAsWorker(database, async (tx) => {
      if (outcome === 'failed') {
        const delayMs = backoffMs(attempt, randomInt(jitterSteps) / jitterSteps, contract.backoff);
        return tx.run(rescheduleJob, { id, epoch, delayMs, error });
      }
      const ended = await tx.run(endClaim, { id, epoch, outcome, error });
      if (ended > 0) await tx.run(deleteLive, { ids: [id] });
      return ended;
    });
    if (rows === 0) return metrics.fenced();
    metrics.ran(row.name, outcome, ms);
    if (outcome === 'dead') {
      metrics.dead(row.name);
      log.error('jobs.dead', raw, { job: row.name, jobId: id, attempt });
    } else if (outcome === 'failed') {
      log.warn('jobs.attempt_failed', { job: row.name, jobId: id, attempt, error: raw });
    }
    this.tell(job, outcome === 'failed' ? 'scheduled' : outcome);
  }

  async #forgetLive(id: string): Promise<void> {
    await writeAsWorker(this.#needs.database, (tx) => tx.run(deleteLive, { ids: [id] }));
  }
}
