import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { cloneDatabase } from '@plinth/testing';

import { connect } from '../../migrate/connect.ts';
import type { MigrationFile } from '../../migrate/files.ts';
import { describeTypes } from '../describe-types.ts';
import { checkBeside } from './beside.ts';

const released = `create schema shop;
  create table shop.item (id uuid primary key, name text not null, price int not null default 0, word text,
    kind varchar(10));
  create table shop.other (id uuid primary key);
  create view shop.items as select id, name from shop.item;
  create function shop.twice(n int) returns int language sql return n * 2;
  grant select, insert, update on shop.item to plinth_app;`;

/** What the version before runs. */
const texts = [
  'select id, name, price, word, kind from shop.item where id = $1',
  'insert into shop.item (id, name) values ($1, $2)',
  'select id, name from shop.items where id = $1',
  'select shop.twice($1) as n',
];

/** A change by the next version, and what breaks for the one before; undefined: nothing. */
const cases: readonly [sql: string, breaks: RegExp | undefined][] = [
  ['alter table shop.item add column more text', undefined],
  ['alter table shop.item add column more text not null default $$none$$', undefined],
  ['create table shop.third (id uuid primary key, name text not null)', undefined],
  ['create index item_word on shop.item (word)', undefined],
  ['create or replace view shop.items as select id, name, price from shop.item', undefined],
  ['grant delete on shop.item to plinth_app', undefined],
  ['alter table shop.item alter column name drop not null', undefined],
  ['alter table shop.item drop column word', /column "word" does not exist|lost its column word/u],
  ['alter table shop.item rename column word to words', /lost its column word text/u],
  ['drop table shop.other', /lost its column id uuid/u],
  ['alter table shop.item alter column price type bigint', /lost its column price integer/u],
  ['alter table shop.item alter column price drop default', /lost its default price/u],
  ['alter table shop.item add column more text not null', /new not null: more/u],
  ['alter table shop.item alter column word set not null', /new not null: word/u],
  [
    'alter table shop.item add constraint c check (price > 0) not valid',
    /new constraint: c CHECK/u,
  ],
  ['alter table shop.item add foreign key (id) references shop.other not valid', /new constraint/u],
  ['create unique index item_name on shop.item (name)', /new unique: CREATE UNIQUE INDEX/u],
  [
    `create function shop.stop() returns trigger language plpgsql as 'begin return null; end';
     create trigger stop before insert on shop.item for each row execute function shop.stop()`,
    /new trigger/u,
  ],
  ['create policy all_of_it on shop.item using (true)', /new policy: all_of_it/u],
  ['revoke insert on shop.item from plinth_app', /lost its grant INSERT to plinth_app/u],
  ['drop function shop.twice(int)', /function shop\.twice/u],
  ['drop view shop.items; create view shop.items as select id from shop.item', /column "name"/u],
];

for (const [sql, breaks] of cases) {
  const verb = breaks === undefined ? 'goes on beside' : 'is told to break by';
  test(`the version before ${verb}: ${sql.replaceAll(/\s+/gu, ' ')}`, async (t) => {
    const faults = await besideOf(t, sql);

    const told =
      breaks === undefined ? faults.length === 0 : faults.some((one) => breaks.test(one));
    assert(told, faults.join('\n'));
  });
}

test('what breaks the version before passes where the file says why', async (t) => {
  const reason = '-- allow: n-beside nobody of that version writes it\n';

  assert.deepEqual(await besideOf(t, `${reason}alter table shop.item drop column word`), []);
});

async function besideOf(t: TestContext, sql: string): Promise<string[]> {
  const { adminUrl } = await cloneDatabase(t);
  const client = await connect(adminUrl, 'test');
  try {
    await client.query(released);
    const statements = [];
    for (const text of texts) {
      statements.push({ name: text, text, ...(await describeTypes(client, text)) });
    }
    const file: MigrationFile = {
      module: 'shop',
      id: 2,
      name: 'shop/0002_next.sql',
      path: 'shop/0002_next.sql',
      sql,
      checksum: '',
      phase: 'expand',
      after: undefined,
      batchTables: [],
      inTransaction: true,
    };
    const faults = await checkBeside(client, [file], statements);
    return faults.map(({ message }) => message);
  } finally {
    await client.end();
  }
}
