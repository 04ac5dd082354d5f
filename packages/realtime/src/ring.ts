/** One message as it goes to every reader of its channel: encoded once. */
export interface Entry {
  readonly offset: number;
  readonly channel: string;
  /** Of the same channel and key only the newest matters. */
  readonly key: string | null;
  /** The whole SSE block, its id included. */
  readonly frame: Buffer;
  /** Where the data begins: behind the id. */
  readonly dataAt: number;
}

export interface Ring {
  /** Offset of the newest message, 0 before the first. */
  readonly tail: number;
  append(entry: Entry): void;
  /** The messages behind `offset`, the oldest first; undefined if some of them are gone, or it is none of ours. */
  after(offset: number): readonly Entry[] | undefined;
}

/** The last messages of the process: who was away for a moment gets what it missed. */
export function createRing(messagesMax: number, bytesMax: number): Ring {
  const entries: Entry[] = [];
  let first = 0;
  let bytes = 0;
  let tail = 0;

  function trim(): void {
    while (entries.length - first > messagesMax || bytes > bytesMax) {
      bytes -= entries[first]?.frame.length ?? 0;
      first += 1;
    }
    // The dead part in front is cut off once it is as long as the living one.
    if (first > messagesMax) {
      entries.splice(0, first);
      first = 0;
    }
  }

  return {
    get tail() {
      return tail;
    },
    append(entry) {
      entries.push(entry);
      bytes += entry.frame.length;
      tail = entry.offset;
      trim();
    },
    after(offset) {
      const oldest = entries[first]?.offset ?? tail + 1;
      if (offset > tail || offset < oldest - 1) return undefined;
      return entries.slice(first + offset - oldest + 1);
    },
  };
}
