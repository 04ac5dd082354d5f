import { sql, t } from '@plinth/postgres';

/** The ids after one, in their order, of all tenants: at most 1,000. */
export const tenantIds = sql(
  { after: t.uuid, rowsMax: t.int4 },
  { id: t.uuid },
  { name: 'identity.tenant_ids' },
)`
  select t.id from identity.tenant_ids(${'after'}, ${'rowsMax'}) as t(id)`;
