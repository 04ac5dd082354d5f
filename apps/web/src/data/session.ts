import type { z } from '@plinth/core/z';
import type { identity } from '@plinth/identity';

/** Who is signed in, where, and what they may do. */
export type Me = z.output<typeof identity.operations.whoAmI.output>;

/**
 * `expired`: the session ended while a page is open; calls wait until the same person signs in again.
 */
export type SessionState =
  | { readonly state: 'unknown' }
  | { readonly state: 'out' }
  | { readonly state: 'in' | 'expired'; readonly me: Me };

type Listener = (state: SessionState) => void;

/** The session as this tab knows it; other tabs hear of a sign-out at once. */
export class Session {
  #current: SessionState = { state: 'unknown' };
  readonly #listeners = new Set<Listener>();
  #waiting: (() => void)[] = [];
  readonly #tabs = new BroadcastChannel('plinth-session');

  constructor() {
    this.#tabs.addEventListener('message', () => location.reload());
  }

  get current(): SessionState {
    return this.#current;
  }

  get me(): Me | undefined {
    return 'me' in this.#current ? this.#current.me : undefined;
  }

  subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Somebody is signed in. Another person, or another tenant, than before: the page begins anew. */
  begin(me: Me): void {
    const before = this.me;
    if (before !== undefined && !isSame(before, me)) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel is of one origin
      this.#tabs.postMessage('changed');
      location.reload();
      return;
    }
    this.#set({ state: 'in', me });
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }

  /** A call was answered 401. @returns when the person has signed in again; the call is then made once more. */
  expire(): Promise<void> {
    const { me } = this;
    this.#set(me === undefined ? { state: 'out' } : { state: 'expired', me });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Signed out here: all tabs follow. */
  end(): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel is of one origin
    this.#tabs.postMessage('ended');
    location.assign('/');
  }

  #set(state: SessionState): void {
    this.#current = state;
    for (const listener of this.#listeners) listener(state);
  }
}

function isSame(one: Me, other: Me): boolean {
  return one.user.id === other.user.id && one.tenant.id === other.tenant.id;
}
