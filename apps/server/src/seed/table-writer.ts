import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';

import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

type CopyStream = ReturnType<typeof copyFrom>;

const pieceCharacters = 262_144;
const special = /[\\\t\n\r]/gu;
const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
};

export interface Written {
  readonly table: string;
  readonly rows: number;
  /** First 16 hex digits of the SHA-256 of the rows as they were sent. */
  readonly checksum: string;
}

/** Streams rows into one table by COPY on a connection of its own, as the loader: no policies, inserts only. */
export class TableWriter {
  readonly #client: Client;
  readonly #stream: CopyStream;
  readonly #table: string;
  readonly #hash = createHash('sha256');
  #piece = '';
  #rows = 0;

  private constructor(table: string, client: Client, stream: CopyStream) {
    this.#table = table;
    this.#client = client;
    this.#stream = stream;
  }

  static async open(url: string, table: string, columns: string): Promise<TableWriter> {
    const client = new Client({ connectionString: url, application_name: 'plinth-seed' });
    // A lost connection fails the stream, which is where it is told.
    client.on('error', () => undefined);
    await client.connect();
    await client.query('begin');
    await client.query(`set local statement_timeout = 0`);
    await client.query(`set local synchronous_commit = off`);
    const stream = client.query(copyFrom(`copy ${table} (${columns}) from stdin`));
    return new TableWriter(table, client, stream);
  }

  /** @param row text values joined by tabs, made by `cell` where they are free text; no newline at its end. */
  add(row: string): void {
    this.#rows += 1;
    this.#piece += `${row}\n`;
  }

  /** Waits while the server is behind. */
  async flush(): Promise<void> {
    if (this.#piece.length < pieceCharacters) return;
    await this.#send();
  }

  async #send(): Promise<void> {
    const piece = Buffer.from(this.#piece);
    this.#piece = '';
    this.#hash.update(piece);
    if (!this.#stream.write(piece)) await once(this.#stream, 'drain');
  }

  async commit(): Promise<Written> {
    await this.#send();
    this.#stream.end();
    await finished(this.#stream);
    await this.#client.query('commit');
    await this.#client.end();
    return {
      table: this.#table,
      rows: this.#rows,
      checksum: this.#hash.digest('hex').slice(0, 16),
    };
  }

  async abort(): Promise<void> {
    this.#stream.destroy();
    await this.#client.end();
  }
}

/** Free text as COPY wants it; null for NULL. */
export function cell(text: string | null): string {
  if (text === null) return '\\N';
  return text.replaceAll(special, (character) => escapes[character] ?? character);
}

export function dayCell(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
