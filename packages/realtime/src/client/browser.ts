import type { Bus, Environment } from './environment.ts';

const names = ['message', 'hello', 'reset', 'deny', 'renew', 'bye', 'hb'];

export const browser: Environment = {
  transport: 'sse',
  open(url, events) {
    const source = new EventSource(url, { withCredentials: true });
    for (const name of names) {
      source.addEventListener(name, (event: MessageEvent<string>) => {
        events.event(name, event.data, event.lastEventId);
      });
    }
    // It would come back by itself, but neither with our waits nor with another set of channels.
    source.addEventListener('error', () => {
      source.close();
      events.failed();
    });
    return source;
  },
  async post(url, body) {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return response.status;
    } catch {
      return 0;
    }
  },
  after(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
  now: () => performance.now(),
  random: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
  onReturn(work) {
    const onVisible = () => {
      if (!document.hidden) work();
    };
    addEventListener('online', work);
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      removeEventListener('online', work);
      document.removeEventListener('visibilitychange', onVisible);
    };
  },
  isHidden: () => document.hidden,
  // A page that is neither on https nor on localhost has no locks: each tab has a connection of its own.
  ...('locks' in navigator ? { bus, lead } : {}),
};

function bus(name: string, onMessage: (message: unknown) => void): Bus {
  const channel = new BroadcastChannel(name);
  channel.addEventListener('message', (event: MessageEvent<unknown>) => onMessage(event.data));
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has one origin, ours
  return { send: (message) => channel.postMessage(message), close: () => channel.close() };
}

function lead(name: string, onLead: () => void): () => void {
  const ended = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const begin = () => {
    onLead();
    return promise;
  };
  navigator.locks.request(name, { signal: ended.signal }, begin).catch(() => undefined);
  return () => {
    resolve();
    ended.abort();
  };
}
