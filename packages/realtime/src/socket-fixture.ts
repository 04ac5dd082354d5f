import { randomBytes } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

export interface SocketReader {
  /** 101, or what it was refused with. */
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Texts as they came, parsed. */
  readonly words: readonly (readonly unknown[])[];
  /** All words of this name, without it. */
  of(name: string): unknown[][];
  readonly cursor: string;
  readonly pingCount: number;
  readonly pongs: readonly string[];
  /** Of the close frame; 0 before it, or without one. */
  readonly closeCode: number;
  send(...words: readonly unknown[]): void;
  sendRaw(bytes: Buffer): void;
  pause(): void;
  resume(): void;
  cut(): void;
  readonly ended: Promise<void>;
}

export interface SocketOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Answers no pings. */
  readonly isMute?: boolean;
  /** Gives the socket another address of this machine: one has 28,000 ports. */
  readonly localAddress?: string;
  onWord?(word: readonly unknown[]): void;
}

/** A masked frame of a client (RFC 6455, section 5.3). */
export function clientFrame(opcode: number, payload: Buffer | string, isLast = true): Buffer {
  const bytes = Buffer.from(payload);
  const mask = randomBytes(4);
  const head =
    bytes.length <= 125
      ? Buffer.from([(isLast ? 0x80 : 0) | opcode, 0x80 | bytes.length])
      : Buffer.from([(isLast ? 0x80 : 0) | opcode, 0xfe, bytes.length >> 8, bytes.length & 0xff]);
  const masked = bytes.map((byte, at) => byte ^ (mask[at & 3] ?? 0));
  return Buffer.concat([head, mask, masked]);
}

interface Opened {
  readonly response: IncomingMessage;
  readonly socket: Socket | undefined;
  readonly head: Buffer;
}

async function open(url: string, { headers, localAddress }: SocketOptions): Promise<Opened> {
  const { promise, resolve, reject } = Promise.withResolvers<Opened>();
  const asked = request(url.replace(/^ws/u, 'http'), {
    agent: false,
    ...(localAddress === undefined ? {} : { localAddress }),
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      origin: new URL(url).origin,
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
      'sec-websocket-protocol': 'plinth.rt.1',
      ...headers,
    },
  });
  asked.once('error', reject);
  asked.once('response', (response) => {
    response.resume();
    resolve({ response, socket: undefined, head: Buffer.alloc(0) });
  });
  asked.once('upgrade', (response, socket, head) => resolve({ response, socket, head }));
  asked.end();
  return promise;
}

/** Opens a WebSocket and reads it frame by frame. */
export async function readSocket(url: string, options: SocketOptions = {}): Promise<SocketReader> {
  return new Reader(await open(url, options), options);
}

class Reader implements SocketReader {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly words: (readonly unknown[])[] = [];
  readonly pongs: string[] = [];
  readonly ended: Promise<void>;
  readonly #options: SocketOptions;
  readonly #socket: Socket | undefined;
  #rest: Buffer;
  cursor = '';
  pingCount = 0;
  closeCode = 0;

  constructor({ response, socket, head }: Opened, options: SocketOptions) {
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    this.#options = options;
    this.#socket = socket;
    this.#rest = head;
    const ended = Promise.withResolvers<void>();
    this.ended = ended.promise;
    socket?.on('data', (chunk: Buffer) => {
      this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
      this.#parse();
    });
    socket?.on('error', () => undefined);
    socket?.on('close', () => ended.resolve());
    this.#parse();
  }

  of(name: string): unknown[][] {
    return this.words.filter(([own]) => own === name).map((word) => word.slice(1));
  }

  send(...words: readonly unknown[]): void {
    this.sendRaw(clientFrame(1, JSON.stringify(words)));
  }

  sendRaw(bytes: Buffer): void {
    this.#socket?.write(bytes);
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  cut(): void {
    this.#socket?.destroy();
  }

  #parse(): void {
    for (;;) {
      const rest = this.#rest;
      const [first = 0, second = 0] = rest;
      const long = second === 127 ? 8 : second === 126 ? 2 : 0;
      if (rest.length < 2 + long) return;
      const length =
        long === 8 ? Number(rest.readBigUInt64BE(2)) : long === 2 ? rest.readUInt16BE(2) : second;
      const end = 2 + long + length;
      if (rest.length < end) return;
      this.#take(first & 0x0f, rest.subarray(2 + long, end));
      this.#rest = rest.subarray(end);
    }
  }

  #take(opcode: number, payload: Buffer): void {
    if (opcode === 8) this.closeCode = payload.readUInt16BE();
    if (opcode === 10) this.pongs.push(String(payload));
    if (opcode === 9) {
      this.pingCount += 1;
      if (this.#options.isMute !== true) this.sendRaw(clientFrame(10, payload));
    }
    if (opcode !== 1) return;
    const word: unknown = JSON.parse(String(payload));
    if (!Array.isArray(word)) return;
    const said: readonly unknown[] = word;
    this.words.push(said);
    const cursor = said[0] === 'm' ? said[1] : said[2];
    if (said[0] !== 'nack' && typeof cursor === 'string') this.cursor = cursor;
    this.#options.onWord?.(said);
  }
}
