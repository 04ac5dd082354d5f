import type { Source, SourceEvents } from './environment.ts';

/** A WebSocket that tells what it hears as a stream of server-sent events would. */
export function openSocket(url: string, events: SourceEvents): Source {
  const address = new URL(url, location.href);
  address.protocol = address.protocol.replace('http', 'ws');
  address.pathname += '/ws';
  const socket = new WebSocket(address, 'plinth.rt.1');
  const say = (word: string, channels: readonly string[]) => {
    for (const channel of channels) socket.send(JSON.stringify([word, channel]));
  };
  socket.addEventListener('message', ({ data }: MessageEvent<string>) => hear(data, events));
  socket.addEventListener('close', () => events.failed());
  return {
    close: () => socket.close(),
    change(held, wanted) {
      say('sub', without(wanted, held));
      say('unsub', without(held, wanted));
    },
  };
}

const without = (all: readonly string[], some: readonly string[]) =>
  all.filter((name) => !some.includes(name));

const messageHead = '["m","';

/** `["m", cursor, channel, message, position?]`, or `[name, data, cursor?]`. */
function hear(text: string, events: SourceEvents): void {
  if (text.startsWith(messageHead)) {
    const end = text.indexOf('"', messageHead.length);
    events.event('message', `[${text.slice(end + 2)}`, text.slice(messageHead.length, end));
    return;
  }
  const [name, data, cursor = ''] = JSON.parse(text);
  events.event(name, JSON.stringify(data), cursor);
}
