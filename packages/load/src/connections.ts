import { connect, type Socket } from 'node:net';

import { HttpReader, type Answer } from './http-reader.ts';

export type Fault = 'connect' | 'reset' | 'timeout' | 'protocol';
export type Exchange = { readonly answer: Answer } | { readonly fault: Fault };

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Connection {
  readonly socket: Socket;
  readonly reader: HttpReader;
  used: boolean;
  isHead: boolean;
  settle: ((exchange: Exchange) => void) | undefined;
}

/** Kept connections to one server, one request at a time on each; as many as the load needs. */
export class Connections {
  readonly #target: URL;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();

  constructor(target: URL) {
    this.#target = target;
  }

  get open(): number {
    return this.#all.size;
  }

  async send(request: Request, timeoutMs: number): Promise<Exchange> {
    const connection = this.#idle.pop() ?? this.#connect();
    connection.isHead = request.method === 'HEAD';
    const { promise, resolve } = Promise.withResolvers<Exchange>();
    connection.settle = resolve;
    const timer = setTimeout(() => this.#end(connection, 'timeout'), timeoutMs);
    connection.socket.write(format(request, this.#target.host));
    const exchange = await promise;
    clearTimeout(timer);
    return exchange;
  }

  close(): void {
    for (const connection of this.#all) this.#end(connection, 'reset');
  }

  #connect(): Connection {
    const { hostname, port } = this.#target;
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const connection: Connection = {
      socket,
      reader: new HttpReader(),
      used: false,
      isHead: false,
      settle: undefined,
    };
    this.#all.add(connection);
    socket.on('data', (chunk: Buffer) => this.#onData(connection, chunk));
    socket.on('error', () => this.#end(connection, connection.used ? 'reset' : 'connect'));
    socket.on('close', () => this.#end(connection, 'reset'));
    return connection;
  }

  #onData(connection: Connection, chunk: Buffer): void {
    connection.used = true;
    const result = connection.reader.push(chunk, connection.isHead);
    if (result === 'more') return;
    if (result === 'protocol') {
      this.#end(connection, 'protocol');
      return;
    }
    const { settle } = connection;
    connection.settle = undefined;
    if (result.closes) connection.socket.destroy();
    else this.#idle.push(connection);
    settle?.({ answer: result });
  }

  #end(connection: Connection, fault: Fault): void {
    if (!this.#all.delete(connection)) return;
    const index = this.#idle.indexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
    connection.socket.destroy();
    const { settle } = connection;
    connection.settle = undefined;
    settle?.({ fault });
  }
}

function format({ method, path, headers, body }: Request, host: string): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = body === undefined ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${lines.join('')}${length}\r\n${body ?? ''}`;
}
