import type { Cache, FactoryContext } from '@plinth/cache';
import { createPositionSession, type Clock, type Ctx, type Position } from '@plinth/core';
import type { Database } from '@plinth/postgres';

import { primaryPosition, toDataPosition } from './data-position.ts';
import { tableTag } from './forgetting-database.ts';

/** One kind of answer that is kept. */
export interface CachedRead {
  /** First part of its keys. */
  readonly name: string;
  /** `schema.table`: all that its statements read, also through views. */
  readonly tables: readonly string[];
}

const invoice: CachedRead = {
  name: 'invoice',
  tables: ['invoicing.invoice', 'invoicing.line', 'payments.allocation', 'payments.payment'],
};
const customer: CachedRead = {
  name: 'customer',
  tables: ['customers.customer', 'customers.contact'],
};
const permissions: CachedRead = { name: 'permissions', tables: ['identity.membership'] };

export const cachedReads = { invoice, customer, permissions };

/** All tables that something kept is read from. */
export const cachedTables: ReadonlySet<string> = new Set(
  Object.values(cachedReads).flatMap(({ tables }) => tables),
);

const freshMs = 60_000;
const rightsMs = 30_000;
const loadMs = 10_000;
const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/u;
/** What a position that was sampled at a page's end may lack of it: the header of the next page. */
const pageHeadBytes = 40n;

/** What was read, and how far the primary was before that. */
interface Kept<value> {
  readonly timeline: number;
  readonly lsn: string;
  /** There are servers that may be behind. */
  readonly hasReplicas: boolean;
  readonly value: value;
}

export interface CachedReadNeeds {
  readonly cache: Cache;
  readonly database: Database;
  readonly clock: Clock;
}

/**
 * Reads through the cache what is the same for all of a tenant who may see it at all: the permission was checked
 * before. A client's position says what it has seen or written; what was read before that is not shown to it, also
 * where the write was another process' and nothing told this one of it.
 */
export class CachedReads {
  readonly #needs: CachedReadNeeds;

  constructor(needs: CachedReadNeeds) {
    this.#needs = needs;
  }

  async read<value>(
    { name, tables }: CachedRead,
    ctx: Ctx,
    { id, load }: { readonly id: string; load(ctx: Ctx): Promise<value> },
  ): Promise<value> {
    const { tenant } = ctx;
    // Within a write it sees what is not committed; without a tenant there is nothing to keep it apart by.
    if (ctx.unitOfWork !== undefined || tenant === 'none') return load(ctx);
    const key = keyOf(name, tenant, id);
    const options = { ttl: freshMs, tags: tables.map((table) => tableTag(table, tenant)) };
    const scope = this.#scope(ctx);
    const kept = await scope.getOrSet<Kept<value>>(
      key,
      (context) => this.#fill(ctx, load, context),
      options,
    );
    const seen = ctx.position.get();
    if (seen === undefined || isPast(kept, seen)) return tell(ctx, kept);
    const mark = scope.mark();
    const fresh = await this.#fill(ctx, load);
    await scope.set(key, fresh, { ...options, mark });
    return tell(ctx, fresh);
  }

  /** The version of what `read` would answer with, where it is kept and this client may have it. */
  async versionOf({ name }: CachedRead, ctx: Ctx, id: unknown): Promise<string | undefined> {
    const { tenant } = ctx;
    // Any other input is for the operation's own check.
    if (tenant === 'none' || typeof id !== 'string' || !uuid.test(id)) return undefined;
    const found = this.#scope(ctx).get<Kept<{ readonly version: string }>>(keyOf(name, tenant, id));
    const kept = await found;
    if (kept === undefined || kept === null) return undefined;
    const seen = ctx.position.get();
    return seen === undefined || isPast(kept, seen) ? tell(ctx, kept).version : undefined;
  }

  /** Rights are kept only where processes tell each other of changes: a sign-in carries no position. */
  async permissions(
    user: string,
    tenant: string | undefined,
    load: () => Promise<ReadonlySet<string>>,
  ): Promise<ReadonlySet<string>> {
    const { cache } = this.#needs;
    if (tenant === undefined || cache.health().shared === undefined) return load();
    const { name, tables } = cachedReads.permissions;
    const kept = await cache.getOrSet(keyOf(name, tenant, user), async () => [...(await load())], {
      ttl: rightsMs,
      tags: tables.map((table) => tableTag(table, tenant)),
    });
    return new Set(kept);
  }

  #scope({ tenant, signal }: Ctx): Cache {
    return this.#needs.cache.scope({ tenant, signal });
  }

  async #fill<value>(
    ctx: Ctx,
    load: (ctx: Ctx) => Promise<value>,
    context?: FactoryContext<Kept<value>>,
  ): Promise<Kept<value>> {
    const { database, clock } = this.#needs;
    const { signal = ctx.signal } = context ?? {};
    const told = await database.positions.newest();
    const at = told ?? (await primaryPosition(database, { ...ctx, signal }));
    context?.readAt(toDataPosition(at));
    // Others wait for it too: who came first may leave.
    const deadline = context === undefined ? ctx.deadline : clock.mono() + loadMs;
    const value = await load({ ...ctx, signal, deadline, position: createPositionSession(at) });
    const { timeline, lsn } = at;
    return { timeline, lsn: String(lsn), hasReplicas: told !== undefined, value };
  }
}

/** No two tenants share a key. */
function keyOf(name: string, tenant: string, id: string): string {
  return `${name}:${tenant}:${id}`;
}

/** Strictly, and by more than a page's header: at the same position a commit may have been about to be seen. */
function isPast({ timeline, lsn }: Kept<unknown>, seen: Position): boolean {
  if (timeline !== seen.timeline) return timeline > seen.timeline;
  return BigInt(lsn) > seen.lsn + pageHeadBytes;
}

/** Where servers may be behind, the next read must not be older than this one. */
function tell<value>(ctx: Ctx, { timeline, lsn, hasReplicas, value }: Kept<value>): value {
  if (hasReplicas) {
    const cluster = ctx.position.get()?.cluster ?? 'main';
    ctx.position.advance({ cluster, timeline, lsn: BigInt(lsn) });
  }
  return value;
}
