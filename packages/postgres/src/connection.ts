import { Client, type ClientConfig, type CustomTypesConfig } from 'pg';

import { requestCancel } from './cancel-request.ts';
import type { Answer, Wire } from './wire/wire.ts';

/** Past it a statement is parsed each time: the server keeps every prepared one in memory. */
const preparedMax = 256;
const keepAliveMs = 10_000;
const connectTimeoutMs = 2_000;

/** Every column comes as the server's text; the statement's codecs read it. */
const asText: CustomTypesConfig = {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- pg's overloads name one parser per oid; this is one for all
  getTypeParser: (() => (text: string) => text) as CustomTypesConfig['getTypeParser'],
};

export function clientConfig(url: string, applicationName: string): ClientConfig {
  return {
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
  };
}

/** A pipelined connection: statements of one tick leave in one write, answers come in their order. */
export class Connection {
  readonly bornMs: number;
  idleSinceMs: number;
  readonly #client: Client;
  readonly #prepared = new Set<string>();
  #isCorked = false;
  #isRetired = false;

  private constructor(client: Client, bornMs: number) {
    this.#client = client;
    this.bornMs = bornMs;
    this.idleSinceMs = bornMs;
    // Without a listener the loss of a connection that nobody uses would end the process.
    client.on('error', () => this.retire());
    client.on('end', () => this.retire());
  }

  /** @throws what the socket or the server said. */
  static async open(url: string, applicationName: string, mono: () => number): Promise<Connection> {
    const config = clientConfig(url, applicationName);
    const client = new Client({ ...config, pipeline: true, types: asText });
    const connection = new Connection(client, mono());
    await client.connect();
    return connection;
  }

  /** Rejects with the server's error as it came. */
  async send(wire: Wire): Promise<Answer> {
    this.#cork();
    const name = this.#preparedName(wire.name);
    const { rows, fields, rowCount, command } = await this.#client.query<(string | null)[]>({
      text: wire.text,
      rowMode: 'array',
      ...(name === undefined ? {} : { name }),
      ...(wire.values === undefined ? {} : { values: [...wire.values] }),
    });
    return { command, count: rowCount ?? 0, columns: fields.map((field) => field.name), rows };
  }

  /** Asks the server to stop what runs now. The connection is not used again: the request may come late. */
  cancel(): void {
    this.retire();
    requestCancel(this.#client);
  }

  /** It is closed instead of going back to its pool. */
  retire(): void {
    this.#isRetired = true;
  }

  isRetired(): boolean {
    return this.#isRetired;
  }

  close(): Promise<void> {
    return this.#client.end();
  }

  destroy(): void {
    this.retire();
    this.#client.connection.stream.destroy();
  }

  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    const { stream } = this.#client.connection;
    stream.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      stream.uncork();
    });
  }

  #preparedName(name: string | undefined): string | undefined {
    if (name === undefined || this.#prepared.has(name)) return name;
    if (this.#prepared.size >= preparedMax) return undefined;
    this.#prepared.add(name);
    return name;
  }
}
