import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

import { Problem } from '@plinth/core';

import type { Chassis } from './chassis.ts';
import { csvLine } from './csv.ts';
import type { Exchange } from './exchange.ts';
import type { Parts } from './input-mapping.ts';
import type { OperationRoute } from './compile-route.ts';
import { contextOf } from './operation-route.ts';
import { fieldsOf } from './schema-facts.ts';

type Format = 'ndjson' | 'csv';
const media: Readonly<Record<Format, string>> = {
  ndjson: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
};
const chunkCharacters = 16_384;

/** How many streams run, of whom. */
export interface ExportSlots {
  /** @throws {Problem} `http.too_many_exports` */
  enter(tenant: string): () => void;
}

export function createExportSlots(limits: {
  readonly exportsMax: number;
  readonly exportsPerTenantMax: number;
}): ExportSlots {
  const running = new Map<string, number>();
  let all = 0;
  return {
    enter(tenant) {
      const own = running.get(tenant) ?? 0;
      if (all >= limits.exportsMax || own >= limits.exportsPerTenantMax) {
        throw new Problem('Too many exports run at once: wait for one to end.', {
          code: 'http.too_many_exports',
          kind: 'rateLimited',
          retryAfterMs: 5_000,
        });
      }
      all += 1;
      running.set(tenant, own + 1);
      return () => {
        all -= 1;
        const left = (running.get(tenant) ?? 1) - 1;
        if (left === 0) running.delete(tenant);
        else running.set(tenant, left);
      };
    },
  };
}

/**
 * A stream, item by item, as fast as the client takes it. A failure midway destroys the connection: no cut file
 * looks whole. NDJSON ends with `{"$end":{"n":…}}` when it is.
 */
export async function runExport(
  chassis: Chassis & { readonly exports: ExportSlots },
  route: OperationRoute,
  exchange: Exchange,
  parts: Parts,
): Promise<void> {
  const caller = await chassis.gate.admit(exchange, route.operation.permission);
  const { format: asked, ...input } = route.mapping.read(parts);
  const format = chooseFormat(route, asked, exchange.head.accept);
  const leave = chassis.exports.enter(caller.tenant);
  try {
    const ctx = contextOf(chassis, route, exchange, caller);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a stream's call returns an iterable
    const items = route.call(ctx, input) as AsyncIterable<unknown>;
    await writeItems(chassis, route, exchange, { items, format });
  } finally {
    leave();
  }
}

/** @throws {Problem} `http.bad_format` */
function chooseFormat({ http }: OperationRoute, asked: unknown, accept: string): Format {
  const offered = http.formats ?? ['ndjson'];
  const wanted =
    asked ?? offered.find((format) => accept.includes(media[format].split(';')[0] ?? ''));
  const found = wanted === undefined ? offered[0] : offered.find((format) => format === wanted);
  if (found !== undefined) return found;
  throw new Problem(`The format is one of ${offered.join(', ')}.`, {
    code: 'http.bad_format',
    kind: 'invalid',
  });
}

async function writeItems(
  { answers }: Chassis,
  route: OperationRoute,
  exchange: Exchange,
  { items, format }: { readonly items: AsyncIterable<unknown>; readonly format: Format },
): Promise<void> {
  const { response } = exchange;
  const iterator = items[Symbol.asyncIterator]();
  // The first item before the head: what fails at once is still answered as a problem.
  let next = await iterator.next();
  if (exchange.request.method === 'HEAD') {
    await iterator.return?.();
    answers.send(exchange, { status: 200, headers: headOf(route, format) });
    return;
  }
  // Before the head as well: a failure behind it would leave the client waiting.
  const lines = createLines(route, format, next.value);
  exchange.isStream = true;
  exchange.step = 'sent';
  response.writeHead(200, [...headOf(route, format)]);
  let pending = lines.first;
  let count = 0;
  try {
    for (; next.done !== true; next = await iterator.next()) {
      pending += lines.of(next.value);
      count += 1;
      if (pending.length < chunkCharacters) continue;
      await write(exchange, response, pending);
      pending = '';
    }
    await write(exchange, response, pending + lines.last(count));
    response.end();
  } catch (error) {
    exchange.problem = Problem.from(error);
    response.destroy();
    await iterator.return?.();
  }
}

function headOf({ head, place }: OperationRoute, format: Format): readonly string[] {
  const name = place.operation.split('.')[1] ?? 'export';
  return [
    ...head.slice(0, -1),
    media[format],
    'content-disposition',
    `attachment; filename="${name}.${format}"`,
  ];
}

interface Lines {
  readonly first: string;
  of(item: unknown): string;
  last(count: number): string;
}

function createLines({ operation }: OperationRoute, format: Format, first: unknown): Lines {
  if (format === 'ndjson' || operation.type !== 'stream') {
    return {
      first: '',
      of: (item) => `${JSON.stringify(item)}\n`,
      last: (n) => `${JSON.stringify({ $end: { n } })}\n`,
    };
  }
  // A record has no fields of its own: the first item names the columns.
  const isRecord = operation.item.def.type === 'record';
  const columns = isRecord
    ? Object.keys(Object(first))
    : [...fieldsOf(operation.item, 'export').keys()];
  return {
    first: csvLine(columns),
    of: (item) => csvLine(columns.map((name) => Object(item)[name])),
    last: () => '',
  };
}

/** Waits until the client has taken what is there; the signal fires when it goes away. */
async function write(exchange: Exchange, response: ServerResponse, text: string): Promise<void> {
  exchange.bytesOut += Buffer.byteLength(text);
  if (text === '' || response.write(text)) return;
  await once(response, 'drain', { signal: exchange.controller.signal });
}
