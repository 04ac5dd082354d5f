import type { Environment, Source } from './environment.ts';

export type LinkState = 'connecting' | 'open' | 'waiting' | 'closed';

/** What comes over the connection, whoever of the tabs holds it. */
export type LinkEvent =
  | {
      readonly type: 'message';
      readonly channel: string;
      readonly message: unknown;
      readonly position?: string | undefined;
    }
  | { readonly type: 'reset'; readonly channels: readonly string[] }
  | { readonly type: 'deny'; readonly channel: string; readonly problem: unknown }
  | { readonly type: 'state'; readonly state: LinkState; readonly why?: string | undefined };

export interface Link {
  /** All channels from now on. */
  want(channels: readonly string[]): void;
  close(): void;
}

export interface LinkOptions {
  readonly url: string;
  readonly environment: Environment;
  /** Where another tab stopped. */
  readonly cursor?: string;
  on(event: LinkEvent): void;
  onCursor?(cursor: string): void;
}

const backoffMsMin = 500;
const backoffMsMax = 30_000;
/** After so long without trouble the next wait is the first again. */
const healthyMs = 10_000;
const helloMsMax = 15_000;
const silentBeats = 3;
/** Codes after which it is of no use to come back. */
const final = new Set([4001, 4003, 4011]);

const nothing = () => {};

/** One connection to the server, which comes back by itself where it stopped. */
export class DirectLink implements Link {
  readonly #options: LinkOptions;
  readonly #stopReturn: () => void;
  #source: Source | undefined;
  /** Its name at the server, once it has greeted. */
  #connection: string | undefined;
  #wanted: readonly string[] = [];
  #held: readonly string[] = [];
  #cursor: string;
  #failures = 0;
  #openSinceMs = 0;
  #heartbeatMs = helloMsMax;
  #isClosed = false;
  /** Words of a connection that was given up are not heard any more. */
  #turn = 0;
  #stopTimer = nothing;
  #stopSilence = nothing;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#cursor = options.cursor ?? '';
    this.#stopReturn = options.environment.onReturn(() => {
      if (this.#source === undefined) this.#open();
    });
  }

  want(channels: readonly string[]): void {
    this.#wanted = channels;
    if (this.#source === undefined && this.#failures === 0) this.#open();
    else this.#change();
  }

  close(why?: string): void {
    this.#isClosed = true;
    this.#stopReturn();
    this.#drop();
    this.#tell('closed', why);
  }

  #tell(state: LinkState, why?: string): void {
    this.#options.on({ type: 'state', state, why });
  }

  #drop(): void {
    this.#turn += 1;
    this.#source?.close();
    this.#source = undefined;
    this.#connection = undefined;
    this.#stopTimer();
    this.#stopSilence();
  }

  #open(): void {
    this.#drop();
    if (this.#isClosed || this.#wanted.length === 0) return;
    this.#tell('connecting');
    this.#held = this.#wanted;
    this.#openSinceMs = 0;
    this.#heartbeatMs = helloMsMax;
    this.#listen();
    const turn = this.#turn;
    this.#source = this.#options.environment.open(this.#address(), {
      event: (name, data, id) => {
        if (turn !== this.#turn) return;
        this.#listen();
        this.#move(id);
        this.#receive(name, data);
      },
      failed: () => {
        if (turn === this.#turn) this.#wait('lost');
      },
    });
  }

  #address(): string {
    const query = this.#held.map((name) => `ch=${encodeURIComponent(name)}`);
    if (this.#cursor !== '') query.push(`after=${encodeURIComponent(this.#cursor)}`);
    return `${this.#options.url}?${query.join('&')}`;
  }

  #move(id: string): void {
    if (id === '' || id === this.#cursor) return;
    this.#cursor = id;
    this.#options.onCursor?.(id);
  }

  /** Nothing for three heartbeats: something in between has let go without a word. */
  #listen(): void {
    this.#stopSilence();
    const ms = this.#heartbeatMs * silentBeats;
    this.#stopSilence = this.#options.environment.after(ms, () => this.#wait('silent'));
  }

  #wait(why: string, ms?: number): void {
    const { environment } = this.#options;
    const isHealthy = this.#openSinceMs > 0 && environment.now() - this.#openSinceMs >= healthyMs;
    if (isHealthy) this.#failures = 0;
    const backoffMs = Math.min(backoffMsMin * 2 ** this.#failures, backoffMsMax);
    this.#failures += 1;
    this.#drop();
    this.#tell('waiting', why);
    const waitMs = ms ?? environment.random() * backoffMs;
    this.#stopTimer = environment.after(waitMs, () => this.#open());
  }

  #receive(name: string, text: string): void {
    if (text === '') return;
    const data = JSON.parse(text);
    const { on } = this.#options;
    switch (name) {
      case 'message':
        on({ type: 'message', channel: data[0], message: data[1], position: data[2] });
        break;
      case 'hello':
        this.#greet(data);
        break;
      case 'reset':
        on({ type: 'reset', channels: data.channels });
        break;
      case 'deny':
        on({ type: 'deny', channel: data.ch, problem: data.problem });
        break;
      case 'bye':
        if (final.has(data.code)) this.close(String(data.code));
        else this.#wait(String(data.code), data.retryMs);
        break;
      default:
      // A heartbeat, or news of a later server.
    }
  }

  #greet({ conn, heartbeatMs }: { readonly conn: string; readonly heartbeatMs: number }): void {
    this.#connection = conn;
    this.#heartbeatMs = heartbeatMs;
    this.#openSinceMs = this.#options.environment.now();
    this.#listen();
    this.#tell('open');
    this.#change();
  }

  /** Another set on the open connection; where that is not known any more, a new one. */
  #change(): void {
    if (this.#connection === undefined || same(this.#held, this.#wanted)) return;
    if (this.#wanted.length === 0) this.#drop();
    else if (this.#source?.change === undefined) void this.#post(this.#connection);
    else {
      this.#source.change(this.#held, this.#wanted);
      this.#held = this.#wanted;
    }
  }

  async #post(connection: string): Promise<void> {
    const { environment, url } = this.#options;
    this.#held = this.#wanted;
    const path = `${url}/${connection}/channels`;
    const status = await environment.post(path, { channels: this.#held });
    const isTaken = status >= 200 && status <= 299;
    if (connection === this.#connection && !isTaken) this.#open();
  }
}

const same = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((name) => b.includes(name));
