import type { Bus, Environment } from './environment.ts';
import { DirectLink, type Link, type LinkEvent, type LinkOptions } from './link.ts';

/** What tabs tell each other. */
type Word =
  | { readonly type: 'want'; readonly tab: string; readonly channels: readonly string[] }
  | { readonly type: 'bye'; readonly tab: string }
  /** A new leader asks. */
  | { readonly type: 'who' }
  | { readonly type: 'cursor'; readonly cursor: string }
  | { readonly type: 'event'; readonly event: LinkEvent };

interface Wish {
  readonly channels: readonly string[];
  readonly atMs: number;
}

const wishMs = 15_000;
/** A tab that is silent so long is gone. */
const wishMsMax = 50_000;

/**
 * One connection for all tabs of a browser: the tab that has the lock holds it and tells the others what comes.
 * When it closes, the next has the lock at once and goes on behind the last message that all have heard.
 */
export function shareLink(options: LinkOptions & { readonly tab: string }): Link {
  const { bus, lead } = options.environment;
  if (bus === undefined || lead === undefined) return new DirectLink(options);
  return new SharedLink(options, bus, lead);
}

class SharedLink implements Link {
  readonly #options: LinkOptions & { readonly tab: string };
  readonly #bus: Bus;
  readonly #resign: () => void;
  readonly #wishes = new Map<string, Wish>();
  #own: readonly string[] = [];
  #cursor = '';
  /** Of the leader only. */
  #link: Link | undefined;
  #latest: LinkEvent = { type: 'state', state: 'connecting' };
  #isClosed = false;
  #stopWishing: () => void;

  constructor(
    options: LinkOptions & { readonly tab: string },
    bus: NonNullable<Environment['bus']>,
    lead: NonNullable<Environment['lead']>,
  ) {
    this.#options = options;
    const name = `plinth-rt ${options.environment.transport} ${options.url}`;
    this.#bus = bus(name, (message) => this.#hear(asWord(message)));
    this.#stopWishing = options.environment.after(0, () => this.#wish());
    this.#resign = lead(name, () => this.#lead());
  }

  want(channels: readonly string[]): void {
    this.#own = channels;
    this.#ask();
  }

  close(): void {
    this.#stopWishing();
    this.#say({ type: 'bye', tab: this.#options.tab });
    // The others are not told that it is closed: the next leader opens another.
    this.#bus.close();
    this.#isClosed = true;
    this.#link?.close();
    this.#resign();
  }

  #hear(word: Word): void {
    if (word.type === 'event') this.#options.on(word.event);
    else if (word.type === 'cursor') this.#cursor = word.cursor;
    else if (word.type === 'who') this.#ask();
    else if (this.#link !== undefined) this.#note(word);
  }

  /** Only the leader keeps who wants what. */
  #note(word: Extract<Word, { tab: string }>): void {
    if (word.type === 'bye') this.#wishes.delete(word.tab);
    else {
      if (!this.#wishes.has(word.tab)) this.#say({ type: 'event', event: this.#latest });
      const atMs = this.#options.environment.now();
      this.#wishes.set(word.tab, { channels: word.channels, atMs });
    }
    this.#ask();
  }

  #say(word: Word): void {
    if (!this.#isClosed) this.#bus.send(word);
  }

  /** Tells the leader, or as the leader the server, which channels are wanted now. */
  #ask(): void {
    const { tab, environment } = this.#options;
    if (this.#link === undefined) {
      this.#say({ type: 'want', tab, channels: this.#own });
      return;
    }
    for (const [name, { atMs }] of this.#wishes) {
      if (environment.now() - atMs > wishMsMax) this.#wishes.delete(name);
    }
    const others = [...this.#wishes.values()].flatMap(({ channels }) => channels);
    this.#link.want([...new Set([...this.#own, ...others])]);
  }

  #lead(): void {
    if (this.#isClosed) return;
    const { url, environment, on } = this.#options;
    this.#link = new DirectLink({
      url,
      environment,
      cursor: this.#cursor,
      on: (event) => {
        if (event.type === 'state') this.#latest = event;
        this.#say({ type: 'event', event });
        on(event);
      },
      onCursor: (cursor) => this.#say({ type: 'cursor', cursor }),
    });
    this.#say({ type: 'who' });
    this.#ask();
  }

  #wish(): void {
    this.#stopWishing = this.#options.environment.after(wishMs, () => this.#wish());
    this.#ask();
  }
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only tabs of this origin, with this code, write to the bus
const asWord = (message: unknown): Word => message as Word;
