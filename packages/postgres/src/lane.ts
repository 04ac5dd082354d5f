import type { Clock } from '@plinth/core';

import type { Connection } from './connection.ts';
import type { BatchAnswer, Wire } from './wire/wire.ts';

/** What a read that was skipped for a neighbour's failure gets: it is sent again, alone. */
export const skipped = Symbol('skipped');
type GroupAnswer = BatchAnswer | typeof skipped;

interface Read {
  readonly wire: Wire;
  settle(answer: GroupAnswer): void;
}

/** Reads of one tenant, with what says so. */
interface Part {
  readonly scope: Wire;
  readonly reads: Read[];
}

/** Past it the first one would wait too long for the last one's rows. */
const groupMax = 16;
/** Parameters fill a batch's messages: a read of more goes by itself. */
const valuesMax = 64;
/** A lane whose last answer took so long a read gets them one by one. */
const slowMs = 20;
/** The server ends a lane's statement after a second; one that does not even say so is gone. */
const deafMs = 1_500;
/** For each further read of the group at the head: they are answered together. */
const deafMsEach = 250;

/**
 * A shared connection. Reads that come within one tick leave as one group, which one Sync closes: a tenant is
 * named once for all its reads there, and the server answers them at once. In READ COMMITTED each has a
 * snapshot of its own, so none sees less than it would have seen alone.
 */
export class Lane {
  readonly connection: Connection;
  readonly #clock: Clock;
  /** When its oldest batch became the one that the server works on. */
  #headSinceMs = 0;
  readonly #sizes: number[] = [];
  #count = 0;
  #lastMs = 0;
  #parts: Part[] = [];
  #waiting = 0;

  constructor(connection: Connection, clock: Clock) {
    this.connection = connection;
    this.#clock = clock;
  }

  /** How many reads it carries, those included that leave at the end of this tick. */
  get count(): number {
    return this.#count;
  }

  /** True while a group is being gathered that has room. */
  get isGathering(): boolean {
    return this.#waiting > 0;
  }

  /** How long the server has worked on what is at the head; 0 when there is nothing. */
  headMs(now: number): number {
    return this.#count === 0 ? 0 : now - this.#headSinceMs;
  }

  idleMs(now: number): number {
    return this.#count === 0 ? now - this.#headSinceMs : 0;
  }

  isDeaf(now: number): boolean {
    const [size = 1] = this.#sizes;
    return this.headMs(now) > deafMs + (size - 1) * deafMsEach;
  }

  /** A batch of its own. */
  send(wires: readonly Wire[]): Promise<BatchAnswer> {
    const answer = this.connection.batch(wires);
    this.#add(1);
    return this.#taken(answer, 1);
  }

  /** With its neighbours of this tick. @returns `skipped` where one of them failed before it was its turn. */
  join(scope: Wire, wire: Wire): Promise<GroupAnswer> {
    if (this.#lastMs > slowMs || (wire.values?.length ?? 0) > valuesMax) {
      return this.send([scope, wire]);
    }
    this.#add(1);
    if (this.#waiting === 0) process.nextTick(() => this.flush());
    this.#waiting += 1;
    const read = new Promise<GroupAnswer>((settle) => {
      this.#partOf(scope).reads.push({ wire, settle });
    });
    if (this.#waiting === groupMax) this.flush();
    return read;
  }

  /** What was gathered leaves now. */
  flush(): void {
    const size = this.#waiting;
    if (size === 0) return;
    const parts = this.#parts;
    this.#parts = [];
    this.#waiting = 0;
    const wires: Wire[] = [];
    for (const { scope, reads } of parts) {
      wires.push(scope);
      for (const { wire } of reads) wires.push(wire);
    }
    void this.#taken(this.connection.batch(wires), size).then((answer) => share(parts, answer));
  }

  /** It answers what it carries and takes nothing new. */
  close(): Promise<void> {
    this.flush();
    return this.connection.close();
  }

  #partOf(scope: Wire): Part {
    for (const part of this.#parts) {
      if (part.scope.name === scope.name && part.scope.values?.[0] === scope.values?.[0])
        return part;
    }
    const part = { scope, reads: [] };
    this.#parts.push(part);
    return part;
  }

  #add(size: number): void {
    if (this.#count === 0) this.#headSinceMs = this.#clock.mono();
    this.#count += size;
  }

  #taken(coming: Promise<BatchAnswer>, size: number): Promise<BatchAnswer> {
    this.#sizes.push(size);
    return coming.then((answer) => {
      const now = this.#clock.mono();
      this.#sizes.shift();
      this.#lastMs = (now - this.#headSinceMs) / size;
      this.#headSinceMs = now;
      this.#count -= size;
      return answer;
    });
  }
}

/** Each read gets its scope's answer and its own, as if it had been a batch by itself. */
function share(parts: readonly Part[], { answers, error, isLost }: BatchAnswer): void {
  const failedAt = answers.length;
  let at = 0;
  for (const { reads } of parts) {
    const scopeAt = at;
    const scoped = answers.slice(scopeAt, scopeAt + 1);
    for (const { settle } of reads) {
      at += 1;
      const own = answers[at];
      const isReached = isLost || error === undefined || at === failedAt || scopeAt === failedAt;
      if (own !== undefined) {
        settle({
          answers: [...scoped, own],
          error: undefined,
          isLost: false,
          isUnreplicated: false,
        });
      } else if (isReached) settle({ answers: scoped, error, isLost, isUnreplicated: false });
      else settle(skipped);
    }
    at += 1;
  }
}
