import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { crc32 } from 'node:zlib';

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
  /** CRC-32 of the rows as they were sent, 8 hex digits: it tells two seeds apart, no more is asked of it. */
  readonly checksum: string;
}

/** Streams rows into one table by COPY on a connection of its own, as the loader: no policies, inserts only. */
export class TableWriter {
  readonly #client: Client;
  readonly #stream: CopyStream;
  readonly #table: string;
  #sum = 0;
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
    this.#sum = crc32(piece, this.#sum);
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
      checksum: this.#sum.toString(16).padStart(8, '0'),
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

const dayMs = 86_400_000;
const days = new Map<number, string>();

/** Few days of many rows: each is formatted once. */
export function dayCell(ms: number): string {
  const day = Math.floor(ms / dayMs);
  let text = days.get(day);
  if (text === undefined) {
    text = new Date(day * dayMs).toISOString().slice(0, 10);
    days.set(day, text);
  }
  return text;
}

const pairs = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));
const thousandths = Array.from(
  { length: 1_000 },
  (_, value) => `.${String(value).padStart(3, '0')}Z`,
);

/** As `toISOString` gives it. */
export function instantCell(ms: number): string {
  const rest = ms % dayMs;
  const seconds = Math.floor(rest / 1_000);
  const minutes = Math.floor(seconds / 60);
  return `${dayCell(ms)}T${pairs[Math.floor(minutes / 60)] ?? ''}:${pairs[minutes % 60] ?? ''}:${pairs[seconds % 60] ?? ''}${thousandths[rest % 1_000] ?? ''}`;
}
