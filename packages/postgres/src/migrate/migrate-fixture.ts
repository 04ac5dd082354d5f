import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';

import { Client } from 'pg';

import type { Migrations } from './files.ts';

/** Files of a module `shop`; where a text does not say its phase, it expands. */
export async function folderOf(
  t: TestContext,
  files: Readonly<Record<string, string>>,
): Promise<Migrations> {
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    const head = text.startsWith('-- phase:') ? '' : '-- phase: expand\n';
    await writeFile(join(folder, name), head + text);
  }
  return { module: 'shop', folder: pathToFileURL(`${folder}/`) };
}

export async function openClient(t: TestContext, url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  // Its database is dropped under it.
  client.on('error', () => undefined);
  await client.connect();
  t.after(() => client.end());
  return client;
}

/** A table of tenants with rows of many, and a count of how often each row was touched. */
export const shop = `create schema shop;
  grant usage on schema shop to plinth_app;
  create table shop.item (tenant_id uuid not null, id int not null, price int not null, price_new bigint,
    touched int not null default 0, primary key (tenant_id, id));
  alter table shop.item enable row level security;
  alter table shop.item force row level security;
  create policy tenant on shop.item using (tenant_id = current_setting('app.tenant')::uuid);`;

export const fill = `insert into shop.item (tenant_id, id, price)
  select md5((n % 7)::text)::uuid, n, n from generate_series(1, 40000) n`;

export const backfill = `-- phase: backfill
-- batch: shop.item
update shop.item i set price_new = i.price, touched = i.touched + 1
from batch b where (i.tenant_id, i.id) = (b.tenant_id, b.id);`;
