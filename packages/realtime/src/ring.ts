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

/**
 * The last messages: who was away for a moment gets what it missed.
 *
 * @param base nothing at or before this offset is known.
 */
export function createRing(messagesMax: number, bytesMax: number, base = 0): Ring {
  const entries: Entry[] = [];
  let first = 0;
  let bytes = 0;
  let tail = base;
  let gone = base;

  function trim(): void {
    while (entries.length - first > messagesMax || bytes > bytesMax) {
      const oldest = entries[first];
      bytes -= oldest?.frame.length ?? 0;
      gone = oldest?.offset ?? gone;
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
      if (offset > tail || offset < gone) return undefined;
      return entries.slice(firstBehind(entries, first, offset));
    },
  };
}

/** Place of the first entry behind `offset`, by halves. */
function firstBehind(entries: readonly Entry[], from: number, offset: number): number {
  let low = from;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.offset ?? Infinity) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
