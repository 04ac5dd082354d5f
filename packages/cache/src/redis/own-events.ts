import type { LogEvent } from '../ports.ts';

const keptMs = 60_000;
const namesMax = 50_000;

interface Sent {
  readonly at: number;
  readonly event: LogEvent;
}

/** What this node appended of late: an anchor sends it again, where the server that had it is gone. */
export class OwnEvents {
  #sent: Sent[] = [];
  #names = 0;
  #isTooMany = false;

  add(event: LogEvent, at: number): void {
    this.#sent.push({ at, event });
    this.#names += sizeOf(event);
    if (this.#names <= namesMax) return;
    this.#isTooMany = true;
    this.#sent = [{ at, event: everything }];
    this.#names = 1;
  }

  /** @param until what is older than a minute before then is forgotten. */
  forget(until: number): void {
    const from = this.#sent.findIndex(({ at }) => at >= until - keptMs);
    const gone = from === -1 ? this.#sent.splice(0) : this.#sent.splice(0, from);
    for (const { event } of gone) this.#names -= sizeOf(event);
    if (this.#sent.length === 0) this.#isTooMany = false;
  }

  all(): LogEvent[] {
    return this.#isTooMany ? [everything] : this.#sent.map(({ event }) => event);
  }
}

const everything: LogEvent = { names: {}, kind: 'hard', clear: true };

function sizeOf({ names }: LogEvent): number {
  return 1 + (names.keys?.length ?? 0) + (names.tags?.length ?? 0);
}
