import type { Environment } from './environment.ts';
import { DirectLink, type LinkEvent, type LinkState } from './link.ts';
import { shareLink } from './share.ts';

export interface ConnectOptions {
  /** Where the server answers, `/rt`. */
  readonly url: string;
  readonly environment: Environment;
  /** One connection for all tabs of the browser. Default true, where the browser has locks. */
  readonly shared?: boolean;
  onState?(state: LinkState, why?: string): void;
}

/** A channel by its pattern: a contract of the server fits, but need not be loaded for it. */
export interface ChannelRef {
  readonly pattern: string;
}

export interface Subscriber<message> {
  message(message: message, meta: { readonly position?: string | undefined }): void;
  /** There may be a gap: ask the API again. */
  reset?(): void;
  /** It may not be heard: a problem as JSON. */
  error?(problem: unknown): void;
}

export interface Client {
  /** @returns ends it. */
  subscribe<message = unknown>(
    channel: ChannelRef,
    params: Readonly<Record<string, string>>,
    subscriber: Subscriber<message>,
  ): () => void;
  readonly state: LinkState;
  isHidden(): boolean;
  onReturn(work: () => void): () => void;
  after(ms: number, work: () => void): () => void;
  random(): number;
  close(): void;
}

/** Subscriptions of one tick leave together. */
const collectMs = 10;

/** Live channels of the server, over one connection that comes back by itself. */
export function connectIn({ url, environment, shared = true, onState }: ConnectOptions): Client {
  const channels = new Map<string, Set<Subscriber<never>>>();
  let state: LinkState = 'connecting';
  let stopCollecting: (() => void) | undefined;

  const each = (name: string, work: (subscriber: Subscriber<never>) => void) => {
    for (const subscriber of channels.get(name) ?? []) work(subscriber);
  };
  const on = (event: LinkEvent) => {
    if (event.type === 'message') {
      const { message, position } = event;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the server checked it by the channel's schema
      each(event.channel, (one) => one.message(message as never, { position }));
    } else if (event.type === 'reset') {
      for (const name of event.channels) each(name, (one) => one.reset?.());
    } else if (event.type === 'deny') {
      each(event.channel, (one) => one.error?.(event.problem));
    } else {
      state = event.state;
      onState?.(event.state, event.why);
    }
  };
  const tab = String(environment.random());
  const options = { url, environment, on, tab };
  const link = shared ? shareLink(options) : new DirectLink(options);
  const collect = () => {
    stopCollecting ??= environment.after(collectMs, () => {
      stopCollecting = undefined;
      link.want([...channels.keys()]);
    });
  };

  return {
    subscribe(channel, params, subscriber) {
      const name = fill(channel.pattern, params);
      const all = channels.get(name) ?? new Set();
      if (all.size === 0) collect();
      channels.set(name, all.add(subscriber));
      return () => {
        all.delete(subscriber);
        if (all.size > 0 || channels.get(name) !== all) return;
        channels.delete(name);
        collect();
      };
    },
    get state() {
      return state;
    },
    isHidden: () => environment.isHidden(),
    onReturn: (work) => environment.onReturn(work),
    after: (ms, work) => environment.after(ms, work),
    random: () => environment.random(),
    close() {
      stopCollecting?.();
      link.close();
    },
  };
}

/** `t/{tenant}/invoices` with its values. */
function fill(pattern: string, params: Readonly<Record<string, string>>): string {
  return pattern.replaceAll(/\{(\w+)\}/gu, (_, name: string) => params[name] ?? '');
}
