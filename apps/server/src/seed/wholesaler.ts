import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Client } from '@plinth/contract';
import { Problem, type Ctx } from '@plinth/core';
import type { invoicing } from '@plinth/invoicing';
import type { wholesaler } from '@plinth/invoicing/module';

import type { Chassis } from '../chassis.ts';

type Invoicing = Client<typeof invoicing>;
type ImportFile = (typeof wholesaler)['invoices'];

const fileBytesMax = 16 * 1_048_576;
const lookMs = 100;

interface Needs {
  readonly chassis: Pick<Chassis, 'blobs' | 'clock' | 'newId'>;
  readonly invoicing: Invoicing;
  onProgress(fraction: number, detail: string): void;
}

/**
 * Brings a file in as a person does: upload, run, wait. What was imported before is known and booked once.
 *
 * @throws {Problem} `seed.import_failed` with the reason.
 */
export async function importFile(
  needs: Needs,
  ctx: Ctx,
  { file, settings }: ImportFile,
): Promise<void> {
  const { chassis, invoicing, onProgress } = needs;
  const key = `${ctx.tenant}/imports/${chassis.newId()}`;
  await chassis.blobs.put(key, createReadStream(file), {
    tenant: ctx.tenant,
    type: 'text/csv',
    bytesMax: fileBytesMax,
  });
  const fileName = basename(fileURLToPath(file));
  const { id } = await invoicing.uploadImport(ctx, { blob: key, fileName });
  const started = await invoicing.runImport(ctx, { id, mode: 'book', settings: toInput(settings) });
  for (;;) {
    const { state, counts, failure } = await invoicing.getImport(ctx, { id: started.id });
    if (state === 'done') return;
    if (state === 'failed') {
      throw new Problem(failure ?? 'The import failed.', {
        code: 'seed.import_failed',
        kind: 'unprocessable',
      });
    }
    onProgress(Math.min(0.99, counts.rows / 18_532), `${counts.rows} rows`);
    await chassis.clock.sleep(lookMs, ctx.signal);
  }
}

function toInput(settings: ImportFile['settings']) {
  const { mapping, dateOrder, currency, termDays, settledBefore, country } = settings;
  return { mapping, dateOrder, currency, termDays, settledBefore, country };
}
