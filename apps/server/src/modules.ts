import { createAudit, migrations as auditMigrations } from '@plinth/audit/module';
import type { Client, Implementation, Module, UseCases } from '@plinth/contract';
import { bindLocal, type ContractCheck } from '@plinth/contract/local';
import type { Ctx } from '@plinth/core';
import { customers } from '@plinth/customers';
import { createCustomers, migrations as customersMigrations } from '@plinth/customers/module';
import { migrations as httpMigrations, type BoundModule } from '@plinth/http';
import { identity } from '@plinth/identity';
import {
  createIdentity,
  migrations as identityMigrations,
  type Identity,
} from '@plinth/identity/module';
import { invoicing } from '@plinth/invoicing';
import {
  createInvoicing,
  documentRollup,
  migrations as invoicingMigrations,
  taxRollup,
} from '@plinth/invoicing/module';
import { createJobsApi, migrations as jobsMigrations } from '@plinth/jobs';
import { migrations as messagingMigrations } from '@plinth/messaging';
import { notifications } from '@plinth/notifications';
import {
  createNotifications,
  migrations as notificationsMigrations,
} from '@plinth/notifications/module';
import { payments } from '@plinth/payments';
import {
  createPayments,
  migrations as paymentsMigrations,
  receiptRollup,
} from '@plinth/payments/module';
import type { Migrations, Rollup } from '@plinth/postgres';
import { createReporting } from '@plinth/reporting/module';
import { migrations as storageMigrations } from '@plinth/storage';

import { CachedReads, cachedReads } from './cached/cached-reads.ts';
import type { Chassis } from './chassis.ts';

/** In the order in which they are applied: a module may read the views of those before it. */
export const migrations: readonly Migrations[] = [
  httpMigrations,
  messagingMigrations,
  jobsMigrations,
  storageMigrations,
  identityMigrations,
  customersMigrations,
  invoicingMigrations,
  paymentsMigrations,
  auditMigrations,
  notificationsMigrations,
];

/** What reports read: folded each second, and rebuilt after a load in bulk. */
export const rollups: readonly Rollup[] = [documentRollup, taxRollup, receiptRollup];

const publishing = [identity, customers, invoicing, payments, notifications] as const;

export interface Product {
  readonly identity: Identity;
  readonly invoicing: Client<typeof invoicing>;
  readonly modules: readonly BoundModule[];
}

/** Creates every module on its chassis and binds them to each other, all in this process. */
export function createProduct(chassis: Chassis, check: ContractCheck): Product {
  const bind = <module extends Module>(implementation: Implementation<module>) =>
    bindLocal(implementation, { check });
  const kept = new CachedReads(chassis);
  const own = withKeptRights(createIdentity(chassis), kept);
  const { calendar } = own;
  const today = async (ctx: Ctx) => (await calendar(ctx)).today;
  const needs = { ...chassis, calendar, today };

  const customersImplementation = withKept(createCustomers(needs), 'getCustomer', (load) => {
    return (ctx, input) =>
      kept.read(cachedReads.customer, ctx, { id: input.id, load: (at) => load(at, input) });
  });
  const invoicingImplementation = withKept(
    createInvoicing({
      ...needs,
      customers: bind(customersImplementation),
      tenants: () => own.tenants(),
    }),
    'getInvoice',
    (load) => (ctx, input) =>
      kept.read(cachedReads.invoice, ctx, { id: input.id, load: (at) => load(at, input) }),
  );
  const keptVersions: Readonly<Record<string, BoundModule['keptVersions']>> = {
    [customers.name]: {
      getCustomer: (ctx, { id }) => kept.versionOf(cachedReads.customer, ctx, id),
    },
    [invoicing.name]: {
      getInvoice: (ctx, { id }) => kept.versionOf(cachedReads.invoice, ctx, id),
    },
  };
  const implementations = [
    own,
    customersImplementation,
    invoicingImplementation,
    createPayments(needs),
    createReporting(needs),
    createAudit({ ...needs, events: publishing.flatMap(({ events }) => Object.values(events)) }),
    createNotifications(needs),
    createJobsApi(chassis.jobs),
  ];
  return {
    identity: own,
    invoicing: bind(invoicingImplementation),
    modules: implementations.map((implementation) => ({
      module: implementation.module,
      keptVersions: keptVersions[implementation.module.name] ?? {},
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- http calls each operation with what its schema parsed
      client: bind(implementation as Implementation) as BoundModule['client'],
    })),
  };
}

/** One of its queries answered through the cache. */
function withKept<module extends Module, name extends keyof UseCases<module>>(
  implementation: Implementation<module>,
  name: name,
  keep: (load: UseCases<module>[name]) => UseCases<module>[name],
): Implementation<module> {
  const { handlers } = implementation;
  return { ...implementation, handlers: { ...handlers, [name]: keep(handlers[name]) } };
}

function withKeptRights(own: Identity, kept: CachedReads): Identity {
  return {
    ...own,
    permissions: (user, tenant) =>
      kept.permissions(user, tenant, () => own.permissions(user, tenant)),
  };
}
