import { systemContext, type IdentityNeeds } from './needs.ts';
import { tenantIds } from './tenant-ids-table.ts';

const pageRows = 1_000;
const noId = '00000000-0000-0000-0000-000000000000';

/** Every tenant's id: for what runs once a day for each. */
export async function* everyTenant(needs: IdentityNeeds): AsyncIterable<string> {
  for (let after = noId; ;) {
    const context = systemContext(needs, 'none');
    const rows = await needs.database.many(context, tenantIds, { after, rowsMax: pageRows });
    for (const { id } of rows) yield id;
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageRows) return;
    after = last.id;
  }
}
