import { Problem, type Ctx } from '@plinth/core';

import { customers } from './contract.ts';
import type { Defaults, Mapping } from './import-row.ts';
import { lockImport, saveStarted } from './imports-table.ts';
import type { CustomersNeeds } from './needs.ts';
import { unknownImport } from './problems.ts';
import { importCustomersJob } from './run-import.ts';

interface Start {
  readonly id: string;
  readonly mapping: Mapping;
  readonly defaults: Defaults;
}

/** @throws {Problem} `customers.unknown_import`, `customers.import_started`, `customers.bad_mapping`. */
export async function startImport(
  needs: CustomersNeeds,
  ctx: Ctx,
  { id, mapping, defaults }: Start,
): Promise<{ id: string; jobId: string }> {
  return needs.database.write(ctx, async (tx) => {
    const found = await tx.maybe(lockImport, { id });
    if (found === undefined) throw unknownImport(id);
    if (found.state !== 'uploaded') {
      throw new Problem('This file is imported already: upload it again to import it again.', {
        code: 'customers.import_started',
        kind: 'conflict',
      });
    }
    checkMapping(mapping, defaults, found.header);
    const job = await needs.jobs.enqueue(tx, importCustomersJob, { importId: id });
    const startedBy = ctx.actor.kind === 'user' ? ctx.actor.id : null;
    await tx.run(saveStarted, { id, mapping, defaults, startedBy, jobId: job.id });
    needs.messaging.outbox.publish(tx, customers.events.importStarted, {
      importId: id,
      fileName: found.fileName,
    });
    return { id, jobId: job.id };
  });
}

function checkMapping(mapping: Mapping, defaults: Defaults, header: readonly string[]): void {
  const strange = Object.entries(mapping).filter(([, name]) => !header.includes(name));
  const filled = { ...defaults, ...mapping };
  const missing = (['number', 'name', 'country', 'currency'] as const).filter(
    (field) => filled[field] === undefined,
  );
  const fields = [
    ...strange.map(([field, name]) => fault(field, `The file has no column ${name}.`)),
    ...missing.map((field) => fault(field, 'Say which column holds it.')),
  ];
  if (fields.length === 0) return;
  throw new Problem('The columns do not fit.', {
    code: 'customers.bad_mapping',
    kind: 'invalid',
    fields,
  });
}

function fault(field: string, message: string) {
  return { pointer: `/mapping/${field}`, code: 'customers.bad_mapping', message };
}
