import type { Log } from '@plinth/core';

import { isRunning } from './owner-file.ts';
import { stopPostmaster, type Postmaster } from './postmaster.ts';

const lookMs = 100;
/** Sessions of a killed server hold its memory until they notice: the first tries may be refused. */
const retryMs = 200;

/** Keeps a server running: one that ends without being asked to is started again on its port. */
export class Keeper {
  readonly #restart: (port: number) => Promise<Postmaster>;
  readonly #log: Log;
  #postmaster: Postmaster;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #isEnding = false;

  constructor(postmaster: Postmaster, restart: (port: number) => Promise<Postmaster>, log: Log) {
    this.#postmaster = postmaster;
    this.#restart = restart;
    this.#log = log;
    this.#arm(lookMs);
  }

  get postmaster(): Postmaster {
    return this.#postmaster;
  }

  async stop(): Promise<void> {
    this.#isEnding = true;
    clearTimeout(this.#timer);
    await this.#looking;
    await stopPostmaster(this.#postmaster);
  }

  #arm(waitMs: number): void {
    if (this.#isEnding) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.#look();
    }, waitMs);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const { pid, port } = this.#postmaster;
    if (isRunning(pid)) {
      this.#arm(lookMs);
      return;
    }
    this.#log.warn('postgres.embedded_ended', { pid, port });
    try {
      this.#postmaster = await this.#restart(port);
      this.#log.info('postgres.embedded_restarted', { pid: this.#postmaster.pid, port });
      this.#arm(lookMs);
    } catch (error) {
      this.#log.error('postgres.embedded_restart_failed', error, { port });
      this.#arm(retryMs);
    }
  }
}
