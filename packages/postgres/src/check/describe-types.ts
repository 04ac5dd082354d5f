import type { Client } from 'pg';

import { describe } from './describe.ts';

/** Types by the server's names: their numbers differ between databases. */
export async function describeTypes(
  client: Client,
  text: string,
): Promise<{ parameters: string[]; columns: string[] }> {
  const { parameterTypeIds, columns } = await describe(client, text);
  const ids = [...parameterTypeIds, ...columns.map(({ typeId }) => typeId)];
  const { rows } = await client.query<{ id: number; name: string }>(
    `select id::int8::float8 as id, format_type(id, null) as name from unnest($1::oid[]) id`,
    [[...new Set(ids)]],
  );
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  const nameOf = (id: number) => names.get(id) ?? '?';
  return {
    parameters: parameterTypeIds.map(nameOf),
    columns: columns.map(({ name, typeId }) => `${name} ${nameOf(typeId)}`),
  };
}
