import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { crc32 } from 'node:zlib';

import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

import { CopyRows } from './copy-rows.ts';

type CopyStream = ReturnType<typeof copyFrom>;

const pieceBytes = 262_144;

export interface Written {
  readonly table: string;
  readonly rows: number;
  /** CRC-32 of the rows as they were sent, 8 hex digits: it tells two seeds apart, no more is asked of it. */
  readonly checksum: string;
}

/** Streams rows into one table by COPY on a connection of its own, as the loader: no policies, inserts only. */
export class TableWriter {
  readonly #client: Client;
  readonly #stream: CopyStream;
  readonly #table: string;
  readonly #rows: CopyRows;
  #sum = 0;
  #count = 0;

  private constructor(table: string, columns: string, client: Client, stream: CopyStream) {
    this.#table = table;
    this.#client = client;
    this.#stream = stream;
    this.#rows = new CopyRows(columns.split(',').length, pieceBytes);
  }

  static async open(url: string, table: string, columns: string): Promise<TableWriter> {
    const client = new Client({ connectionString: url, application_name: 'plinth-seed' });
    // A lost connection fails the stream, which is where it is told.
    client.on('error', () => undefined);
    await client.connect();
    await client.query('begin');
    await client.query(`set local statement_timeout = 0`);
    await client.query(`set local synchronous_commit = off`);
    const stream = client.query(copyFrom(`copy ${table} (${columns}) from stdin (format binary)`));
    return new TableWriter(table, columns, client, stream);
  }

  /** Begins a row: its fields are to follow in the order of the columns. */
  row(): CopyRows {
    this.#count += 1;
    return this.#rows.row();
  }

  /** Waits while the server is behind. */
  async flush(): Promise<void> {
    if (this.#rows.isFull) await this.#send();
  }

  async #send(): Promise<void> {
    const piece = this.#rows.take();
    this.#sum = crc32(piece, this.#sum);
    if (!this.#stream.write(piece)) await once(this.#stream, 'drain');
  }

  async commit(): Promise<Written> {
    this.#rows.close();
    await this.#send();
    this.#stream.end();
    await finished(this.#stream);
    await this.#client.query('commit');
    await this.#client.end();
    return {
      table: this.#table,
      rows: this.#count,
      checksum: this.#sum.toString(16).padStart(8, '0'),
    };
  }

  async abort(): Promise<void> {
    this.#stream.destroy();
    await this.#client.end();
  }
}
