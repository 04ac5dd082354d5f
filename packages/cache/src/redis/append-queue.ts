import { namesAnEntryMax } from '../names.ts';
import type { LogEvent } from '../ports.ts';
import { toPosition, type Position } from '../position.ts';
import { encodeEvents } from './event-lines.ts';
import { away } from './place.ts';
import type { LogId } from './session.ts';

const textBytesMax = 32_768;

interface Waiting {
  readonly event: LogEvent;
  readonly alone: boolean;
  resolve(position: Position): void;
  reject(error: unknown): void;
}

export interface AppendQueueOptions {
  readonly timeoutMs: number;
  add(text: string): Promise<LogId>;
  /** They have their place, also where nobody waits for it any more. */
  added(events: readonly LogEvent[]): void;
}

/** The events of one turn share an entry of the log, where they fit. */
export class AppendQueue {
  readonly #options: AppendQueueOptions;
  #waiting: Waiting[] = [];

  constructor(options: AppendQueueOptions) {
    this.#options = options;
  }

  append(event: LogEvent, alone: boolean): Promise<Position> {
    const { promise, resolve, reject } = Promise.withResolvers<Position>();
    if (this.#waiting.length === 0) setImmediate(() => this.#flush());
    this.#waiting.push({ event, alone, resolve, reject });
    return promise;
  }

  /** As few entries as hold them. */
  textsOf(events: readonly LogEvent[]): string[] {
    const all = events.map((event) => ({ event, alone: false }));
    return groupsOf(all).map((group) => encodeEvents(group.map(({ event }) => event)));
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const group of groupsOf(waiting)) void this.#send(group);
  }

  async #send(group: readonly Waiting[]): Promise<void> {
    const events = group.map(({ event }) => event);
    const timer = setTimeout(() => {
      for (const { reject } of group) reject(tooLate);
    }, this.#options.timeoutMs);
    try {
      const { epoch, seq } = await this.#options.add(encodeEvents(events));
      this.#options.added(events);
      for (const { resolve } of group) resolve(toPosition(epoch, seq));
    } catch (error) {
      for (const { reject } of group) reject(error);
    } finally {
      clearTimeout(timer);
    }
  }
}

const tooLate = away('The log did not take the event in time.');

function groupsOf<one extends { readonly event: LogEvent; readonly alone: boolean }>(
  all: readonly one[],
): one[][] {
  const groups: one[][] = [];
  let names = 0;
  let bytes = 0;
  let isShared = false;
  for (const one of all) {
    const { keys = [], tags = [] } = one.event.names;
    const size = [...keys, ...tags].reduce((sum, name) => sum + name.length * 3 + 2, 64);
    const count = keys.length + tags.length;
    const fits = names + count <= namesAnEntryMax && bytes + size <= textBytesMax;
    const last = groups.at(-1);
    if (last === undefined || one.alone || !isShared || !fits) {
      groups.push([one]);
      names = 0;
      bytes = 0;
      isShared = !one.alone;
    } else {
      last.push(one);
    }
    names += count;
    bytes += size;
  }
  return groups;
}
