/** What a wire writes to: a socket, or a response. */
export interface Sink {
  readonly writableLength: number;
  write(bytes: Buffer): boolean;
  cork(): void;
  uncork(): void;
}

/** So much is given to the kernel at once, within a turn too: a burst is no slow reader. */
const burstBytes = 32_768;

const corked: Outlet[] = [];

/** Bytes to a reader: those of one turn leave by one call of the kernel. */
export class Outlet {
  readonly #sink: Sink;
  #bytes = 0;
  #isCorked = false;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  get heldBytes(): number {
    return this.#sink.writableLength;
  }

  write(bytes: Buffer): void {
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#sink.cork();
      if (corked.push(this) === 1) process.nextTick(uncorkAll);
    }
    this.#sink.write(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes < burstBytes) return;
    this.#bytes = 0;
    this.#sink.uncork();
    this.#sink.cork();
  }

  uncork(): void {
    this.#isCorked = false;
    this.#bytes = 0;
    this.#sink.uncork();
  }
}

function uncorkAll(): void {
  for (const outlet of corked.splice(0)) outlet.uncork();
}
