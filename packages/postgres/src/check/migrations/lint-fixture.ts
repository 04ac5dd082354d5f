import type { Phase } from '../../migrate/files.ts';

export interface Given {
  readonly sql: string;
  readonly phase?: Phase;
  readonly off?: boolean;
  readonly after?: string;
  readonly batch?: string;
}

/** What stands before. */
export const before = `create schema shop;
  create table shop.item (
    id uuid primary key, name varchar(20), price numeric(8, 2), amount int, word text
  );
  create table shop.other (id uuid primary key);`;

const off = (sql: string): Given => ({ sql, off: true });
const contract = (sql: string, after = '1.0.0'): Given => ({ sql, phase: 'contract', after });
const backfill = (sql: string): Given => ({ sql, phase: 'backfill', batch: 'shop.item' });
const set = `update shop.item i set word = name from batch b where i.id = b.id`;

/** A rule, what it refuses, and the safe form of the same: one file or several. */
export const cases: readonly [
  rule: string,
  bad: Given | string,
  good: readonly (Given | string)[],
][] = [
  ['phase', { ...backfill(set), off: true }, [backfill(set)]],
  [
    'contract-after',
    contract('alter table shop.item drop column word', '2.0.0'),
    [contract('alter table shop.item drop column word', '1.4.0')],
  ],
  [
    'contract-after',
    { sql: 'drop table shop.other', phase: 'contract' },
    [contract('drop table shop.other')],
  ],
  [
    'drop-in-contract',
    'alter table shop.item drop column word',
    [contract('alter table shop.item drop column word')],
  ],
  ['drop-in-contract', 'drop table shop.other', [contract('drop table shop.other')]],
  [
    'drop-in-contract',
    'alter table shop.item rename column word to text',
    ['alter table shop.item add column text text', backfill(set)],
  ],
  [
    'drop-in-contract',
    'alter table shop.other rename to others',
    ['create table shop.others (id uuid primary key)'],
  ],
  ['backfill-batched', `update shop.item set word = 'x'`, [backfill(set)]],
  [
    'backfill-batched',
    `delete from shop.item where amount = 0`,
    [backfill('delete from shop.item i using batch b where b.id = i.id and amount = 0')],
  ],
  ['backfill-batched', backfill(`update shop.item set word = 'x'`), [backfill(set)]],
  ['re-entrant', off('create table shop.third (id uuid)'), ['create table shop.third (id uuid)']],
  [
    're-entrant',
    off('drop index concurrently shop.i'),
    [off('drop index concurrently if exists shop.i')],
  ],
  [
    'do-block',
    'do $$ begin drop table shop.item; end $$',
    ['create function shop.one() returns int language sql return 1'],
  ],
  [
    'index-concurrently',
    'create index i on shop.item (word)',
    [off('create index concurrently if not exists i on shop.item (word)')],
  ],
  [
    'index-concurrently',
    'create index i on shop.item (word)',
    ['create table shop.new (id uuid); create index i on shop.new (id)'],
  ],
  [
    'concurrently-in-transaction',
    'create index concurrently i on shop.item (word)',
    [off('create index concurrently i on shop.item (word)')],
  ],
  [
    'concurrently-in-transaction',
    'alter table shop.item detach partition shop.part concurrently',
    [contract('alter table shop.item detach partition shop.part')],
  ],
  [
    'blocking',
    'truncate shop.item',
    [backfill('delete from shop.item i using batch b where b.id = i.id')],
  ],
  ['blocking', 'lock table shop.item', ['select 1']],
  ['blocking', 'cluster shop.item using item_pkey', [off('vacuum analyze shop.item')]],
  ['blocking', off('vacuum full shop.item'), [off('vacuum shop.item')]],
  ['blocking', off('reindex table shop.item'), [off('reindex table concurrently shop.item')]],
  [
    'blocking',
    'refresh materialized view shop.sums',
    ['refresh materialized view concurrently shop.sums'],
  ],
  [
    'one-exclusive-table',
    'alter table shop.item add column a text;\nalter table shop.other add column a text',
    ['alter table shop.item add column a text', 'alter table shop.other add column a text'],
  ],
  [
    'column-type',
    'alter table shop.item alter column amount type bigint',
    ['alter table shop.item add column amount_wide bigint'],
  ],
  [
    'column-type',
    'alter table shop.item alter column name type varchar(10)',
    ['alter table shop.item alter column name type varchar(40)'],
  ],
  [
    'column-type',
    'alter table shop.item alter column price type numeric(10, 3)',
    ['alter table shop.item alter column price type numeric(10, 2)'],
  ],
  [
    'column-type',
    'alter table shop.item alter column word type varchar(10)',
    ['alter table shop.item alter column name type text'],
  ],
  [
    'rewrite',
    'alter table shop.item add column low text generated always as (lower(word)) stored',
    ['alter table shop.item add column low text generated always as (lower(word)) virtual'],
  ],
  [
    'rewrite',
    'alter table shop.item add column n int generated always as identity',
    ['alter table shop.item add column n int'],
  ],
  [
    'not-null-default',
    'alter table shop.item add column a text not null',
    [`alter table shop.item add column a text not null default ''`],
  ],
  [
    'volatile-default',
    'alter table shop.item add column a uuid default gen_random_uuid()',
    [
      'alter table shop.item add column a uuid; alter table shop.item alter column a set default gen_random_uuid()',
    ],
  ],
  [
    'volatile-default',
    'alter table shop.item add column a bigserial',
    ['alter table shop.item add column a timestamptz not null default now()'],
  ],
  [
    'set-not-null',
    'alter table shop.item alter column word set not null',
    [
      'alter table shop.item add constraint word_there check (word is not null) not valid',
      'alter table shop.item validate constraint word_there',
      'alter table shop.item alter column word set not null',
    ],
  ],
  [
    'constraint-not-valid',
    'alter table shop.item add constraint c check (amount > 0)',
    ['alter table shop.item add constraint c check (amount > 0) not valid'],
  ],
  [
    'constraint-not-valid',
    'alter table shop.item add constraint f foreign key (id) references shop.other',
    ['alter table shop.item add constraint f foreign key (id) references shop.other not valid'],
  ],
  [
    'constraint-not-valid',
    'alter table shop.item add column a int check (a > 0)',
    [
      'alter table shop.item add column a int; alter table shop.item add constraint c check (a > 0) not valid',
    ],
  ],
  [
    'validate-apart',
    'alter table shop.item add constraint c check (amount > 0) not valid; alter table shop.item validate constraint c',
    [
      'alter table shop.item add constraint c check (amount > 0) not valid',
      'alter table shop.item validate constraint c',
    ],
  ],
  [
    'unique-using-index',
    'alter table shop.item add constraint u unique (word)',
    [
      off('create unique index concurrently u on shop.item (word)'),
      'alter table shop.item add constraint u unique using index u',
    ],
  ],
  [
    'enum-value',
    `alter type shop.kind rename value 'a' to 'b'`,
    [`alter type shop.kind add value if not exists 'b'`],
  ],
  [
    'enum-value',
    `delete from pg_enum where enumlabel = 'a'`,
    [off(`alter type shop.kind add value if not exists 'b'`)],
  ],
  [
    'tenant-rls',
    'create table shop.own (tenant_id uuid primary key)',
    [
      `create table shop.own (tenant_id uuid primary key);
       alter table shop.own enable row level security;
       alter table shop.own force row level security;
       create policy tenant on shop.own using (tenant_id = current_setting('app.tenant')::uuid)`,
    ],
  ],
];
