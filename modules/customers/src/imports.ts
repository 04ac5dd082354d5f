import type { Ctx } from '@plinth/core';
import { safeCell } from '@plinth/core/csv';
import type { Statement } from '@plinth/postgres';

import type { Cells } from './import-row.ts';
import { allRejects, firstRejects, importById, newestImports } from './imports-table.ts';
import type { CustomersNeeds } from './needs.ts';
import { unknownImport } from './problems.ts';
import { startImport } from './start-import.ts';
import { uploadImport } from './upload-import.ts';

type RowOf<statement> = statement extends Statement<infer _params, infer row> ? row : never;

/** The import of a file: uploaded, looked at, started, watched, its rejected rows sent back. */
export function importOperations(needs: CustomersNeeds) {
  const { database } = needs;

  async function getImport(ctx: Ctx, id: string) {
    return database.read(ctx, async (reader) => {
      const found = await reader.maybe(importById, { id });
      if (found === undefined) throw unknownImport(id);
      const rejects = await reader.many(firstRejects, { importId: id });
      const errors = rejects.map(({ line, header, code, reason }) => ({
        line,
        column: header,
        code,
        reason,
      }));
      return { ...toOutput(found), sample: found.sample, errors };
    });
  }

  return {
    async uploadCustomers(ctx: Ctx, input: { blob: string; fileName: string }) {
      return getImport(ctx, await uploadImport(needs, ctx, input));
    },
    startCustomersImport: (ctx: Ctx, input: Parameters<typeof startImport>[2]) =>
      startImport(needs, ctx, input),
    getCustomersImport: (ctx: Ctx, { id }: { id: string }) => getImport(ctx, id),
    async listCustomersImports(ctx: Ctx) {
      return { items: (await database.many(ctx, newestImports, {})).map(toOutput) };
    },
    async *rejectedCustomers(ctx: Ctx, { id }: { id: string }) {
      const found = await database.maybe(ctx, importById, { id });
      if (found === undefined) throw unknownImport(id);
      for await (const rows of database.stream(ctx, allRejects, { importId: id })) {
        yield* rows.map(toRejectedRow);
      }
    },
  };
}

function toOutput(found: RowOf<typeof importById>) {
  return {
    id: found.id,
    fileName: found.fileName,
    state: found.state,
    separator: found.separator,
    header: [...found.header],
    mapping: found.mapping,
    jobId: found.jobId,
    rows: found.rowsRead,
    created: found.created,
    changed: found.changed,
    unchanged: found.unchanged,
    rejected: found.rejected,
    reason: found.reason,
    createdAt: found.createdAt,
    finishedAt: found.finishedAt,
  };
}

/** Under the names of our fields: a file that can be mended and sent again as it is. */
function toRejectedRow({ line, header, reason, cells }: RowOf<typeof allRejects>) {
  const cell = (field: keyof Cells) => safeCell(cells[field] ?? '');
  return {
    number: cell('number'),
    name: cell('name'),
    legalName: cell('legalName'),
    vatId: cell('vatId'),
    email: cell('email'),
    phone: cell('phone'),
    street: cell('street'),
    postalCode: cell('postalCode'),
    city: cell('city'),
    region: cell('region'),
    country: cell('country'),
    currency: cell('currency'),
    termDays: cell('termDays'),
    creditLimit: cell('creditLimit'),
    notes: cell('notes'),
    line,
    column: header,
    reason,
  };
}
