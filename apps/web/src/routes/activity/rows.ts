import type { audit } from '@plinth/audit';
import type { z } from '@plinth/core/z';

import { client } from '../../data/client.ts';

export type Entry = z.output<typeof audit.operations.listEntries.output>['items'][number];
/** As a list wants it: an entry never changes, so that it has one version for ever. */
export type EntryRow = Entry & { readonly version: string };

const forEver = '1';

function toRow(entry: Entry): EntryRow {
  return { ...entry, version: forEver };
}

type PageInput = Parameters<typeof client.audit.listEntries>[0];
type RowsInput = Parameters<typeof client.audit.entryRows>[0];
type Call = Parameters<typeof client.audit.listEntries>[1];

/** The list of entries. */
export const entryApi = {
  async page(input: PageInput, call: Call) {
    const page = await client.audit.listEntries(input, call);
    return { ...page, items: page.items.map(toRow) };
  },
  async rows(input: RowsInput, call: Call) {
    const rows = await client.audit.entryRows(input, call);
    return { ...rows, items: rows.items.map(toRow) };
  },
  summary: client.audit.summarizeEntries,
};
