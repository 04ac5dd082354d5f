import type { Log, Shared } from './ports.ts';

/** A log whose tail can be kept from its node: what it says meanwhile is heard when it is let go. */
export interface HeldShared {
  readonly shared: Shared;
  hold(): void;
  release(): void;
}

export function holdTail(inner: Shared): HeldShared {
  let isHeld = false;
  let kept: (() => void)[] = [];
  const pass = (say: () => void) => {
    if (isHeld) kept.push(say);
    else say();
  };
  const log: Log = {
    isShared: true,
    append: (event, options) => inner.log.append(event, options),
    start: (listener) =>
      inner.log.start({
        entry: (entry) => pass(() => listener.entry(entry)),
        joined: (start) => pass(() => listener.joined(start)),
        confirmed: (sentAt) => pass(() => listener.confirmed(sentAt)),
      }),
    close: () => inner.log.close(),
  };
  return {
    shared: { log, store: inner.store, describe: () => inner.describe() },
    hold() {
      isHeld = true;
    },
    release() {
      isHeld = false;
      const said = kept;
      kept = [];
      for (const say of said) say();
    },
  };
}
