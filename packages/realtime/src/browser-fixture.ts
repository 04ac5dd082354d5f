import { systemClock } from '@plinth/core';

import type { Bus, Environment, Source, SourceEvents } from './client/environment.ts';
import { readSse, type Reader } from './sse-fixture.ts';

interface Ear {
  readonly name: string;
  hear(message: unknown): void;
}

/** What tabs of one browser share: channels between them, and a lock. Waits are `hurry` times shorter. */
export class Browser {
  readonly ears = new Set<Ear>();
  readonly leaders: (() => void)[] = [];
  readonly hurry: number;

  constructor(hurry = 1) {
    this.hurry = hurry;
  }

  tab(): Tab {
    return new Tab(this);
  }
}

const ignore = () => undefined;

/** A page in Node: its connections are real, the rest is what a browser would do. */
export class Tab implements Environment {
  readonly transport = 'sse';
  readonly #browser: Browser;
  readonly #readers = new Set<Reader>();
  readonly #returns = new Set<() => void>();
  #isHidden = false;
  openedCount = 0;

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** As a network does that is gone. */
  cut(): void {
    for (const reader of this.#readers) reader.cut();
  }

  hide(): void {
    this.#isHidden = true;
  }

  show(): void {
    this.#isHidden = false;
    for (const work of this.#returns) work();
  }

  readonly open = (url: string, events: SourceEvents): Source => {
    this.openedCount += 1;
    let isClosed = false;
    const reader = readSse(url, {
      onBlock: ({ event, data, id }) => {
        if (!isClosed) events.event(event, data, id);
      },
    });
    const fail = () => {
      if (!isClosed) events.failed();
    };
    this.#watch(reader).then(fail, fail);
    return {
      close() {
        isClosed = true;
        reader.then((open) => open.cut(), ignore);
      },
    };
  };

  async #watch(opening: Promise<Reader>): Promise<void> {
    const reader = await opening;
    this.#readers.add(reader);
    if (reader.status === 200) await reader.ended;
    this.#readers.delete(reader);
  }

  readonly post = async (url: string, body: unknown): Promise<number> => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status;
  };

  readonly after = (ms: number, work: () => void) => {
    const ended = new AbortController();
    systemClock.sleep(ms / this.#browser.hurry, ended.signal).then(work, ignore);
    return () => ended.abort();
  };

  readonly now = () => performance.now();
  readonly random = () => Math.random();
  readonly isHidden = () => this.#isHidden;

  readonly onReturn = (work: () => void) => {
    this.#returns.add(work);
    return () => void this.#returns.delete(work);
  };

  readonly bus = (name: string, hear: (message: unknown) => void): Bus => {
    const { ears } = this.#browser;
    const own = { name, hear };
    ears.add(own);
    return {
      send(message) {
        const copy: unknown = structuredClone(message);
        for (const ear of ears) {
          if (ear !== own && ear.name === name) queueMicrotask(() => ear.hear(copy));
        }
      },
      close: () => void ears.delete(own),
    };
  };

  readonly lead = (_: string, onLead: () => void) => {
    const { leaders } = this.#browser;
    leaders.push(onLead);
    if (leaders[0] === onLead) queueMicrotask(onLead);
    return () => {
      const isFirst = leaders[0] === onLead;
      leaders.splice(leaders.indexOf(onLead), 1);
      if (isFirst && leaders[0] !== undefined) queueMicrotask(leaders[0]);
    };
  };
}
