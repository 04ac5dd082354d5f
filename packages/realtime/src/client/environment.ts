/** An open connection; `EventSource` is one. */
export interface Source {
  close(): void;
  /** Says which channels are wanted now, where the connection itself can. */
  change?(held: readonly string[], wanted: readonly string[]): void;
}

export interface SourceEvents {
  /** `name` is `message` for a block without one; `id` is the newest that came. */
  event(name: string, data: string, id: string): void;
  /** It has ended, or could not begin. */
  failed(): void;
}

/** A place that all tabs of a browser can write to and hear. */
export interface Bus {
  send(message: unknown): void;
  close(): void;
}

/** What the client needs of its surroundings: a browser, or a test. */
export interface Environment {
  /** Tabs share a connection of one kind. */
  readonly transport: 'sse' | 'ws';
  open(url: string, events: SourceEvents): Source;
  /** @returns the status, 0 if there is none. */
  post(url: string, body: unknown): Promise<number>;
  /** @returns stops it. */
  after(ms: number, work: () => void): () => void;
  now(): number;
  /** 0 ≤ x < 1 */
  random(): number;
  /** Calls when the network is back or the page is looked at again. @returns stops it. */
  onReturn(work: () => void): () => void;
  isHidden(): boolean;
  /** Undefined where tabs cannot hear each other. */
  bus?(name: string, onMessage: (message: unknown) => void): Bus;
  /** Calls once this tab leads, until the returned function is called. Undefined without locks. */
  lead?(name: string, onLead: () => void): () => void;
}
