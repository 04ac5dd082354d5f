import { get, type ClientRequest, type IncomingMessage } from 'node:http';

/** A block of server-sent events, as a browser reads it. */
export interface Block {
  readonly event: string;
  readonly id: string;
  readonly data: string;
}

export interface Reader {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly blocks: readonly Block[];
  /** Everything as it came. */
  text(): string;
  /** Data of all blocks of this event, parsed. */
  of(event: string): unknown[];
  pause(): void;
  resume(): void;
  /** As a network does that is gone. */
  cut(): void;
  readonly ended: Promise<void>;
}

export interface ReadOptions {
  readonly headers?: Readonly<Record<string, string>>;
  onBlock?(block: Block): void;
}

/** Opens a stream and reads it by the rules of the HTML standard, section «Server-sent events». */
export async function readSse(url: string, options: ReadOptions = {}): Promise<Reader> {
  const { promise, resolve, reject } = Promise.withResolvers<[ClientRequest, IncomingMessage]>();
  const headers = {
    accept: 'text/event-stream',
    'sec-fetch-site': 'same-origin',
    ...options.headers,
  };
  const request = get(url, { headers, agent: false }, (answer) => resolve([request, answer]));
  request.once('error', reject);
  const [, response] = await promise;
  const blocks: Block[] = [];
  const ended = Promise.withResolvers<void>();
  const parse = createParser((block) => {
    blocks.push(block);
    options.onBlock?.(block);
  });
  let text = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
    parse(chunk);
  });
  response.on('error', () => undefined);
  response.on('close', () => ended.resolve());
  request.on('error', () => undefined);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    blocks,
    text: () => text,
    of: (event) =>
      blocks.filter((one) => one.event === event).map((one) => JSON.parse(one.data) as unknown),
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    cut: () => void request.destroy(),
    ended: ended.promise,
  };
}

function createParser(onBlock: (block: Block) => void): (chunk: string) => void {
  let rest = '';
  let event = '';
  let data: string[] = [];
  let lastId = '';
  const line = (row: string) => {
    if (row === '') {
      if (data.length > 0)
        onBlock({ event: event || 'message', id: lastId, data: data.join('\n') });
      event = '';
      data = [];
      return;
    }
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/u.exec(row) ?? [];
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
    if (field === 'id') lastId = value;
  };
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const row of lines) line(row);
  };
}
