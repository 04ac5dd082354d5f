import type { Cache } from '@plinth/cache';
import { Problem, type Log } from '@plinth/core';
import type { Context, Database, Transaction } from '@plinth/postgres';

import { WrittenTables } from './written-tables.ts';

export interface ForgettingNeeds {
  readonly cache: Cache;
  readonly log: Log;
  /** `schema.table`: those that something kept was read from. */
  readonly tables: ReadonlySet<string>;
}

/** What was read of a table for a tenant carries it. */
export function tableTag(table: string, tenant: string): string {
  return `t:${table}:${tenant}`;
}

/**
 * The database, whose writes make the cache forget what was read of the tables that they touched: collected while
 * a transaction runs, forgotten before the caller hears of its end. Also where it failed, since a commit whose
 * answer was lost may have happened.
 */
export function forgetting(database: Database, { cache, log, tables }: ForgettingNeeds): Database {
  const written = new WrittenTables(tables);
  const open = new WeakMap<object, Set<string>>();
  const forget = async (tags: ReadonlySet<string>) => {
    if (tags.size === 0) return;
    try {
      await cache.invalidate({ tags: [...tags] });
    } catch (error) {
      // Only a cache that was closed refuses, and that one serves nothing any more.
      log.debug('server.not_forgotten', { error: Problem.from(error).code });
    }
  };
  const after = async <result>(
    { tenant }: Context,
    touched: readonly string[],
    work: Promise<result>,
  ): Promise<result> => {
    if (touched.length === 0) return work;
    try {
      return await work;
    } finally {
      await forget(new Set(touched.map((table) => tableTag(table, tenant))));
    }
  };
  return {
    ...database,
    one: (context, s, params) => after(context, written.of(s), database.one(context, s, params)),
    maybe: (context, s, params) =>
      after(context, written.of(s), database.maybe(context, s, params)),
    many: (context, s, params) => after(context, written.of(s), database.many(context, s, params)),
    run: (context, s, params) => after(context, written.of(s), database.run(context, s, params)),
    copyIn: (context, target, rows) =>
      after(
        context,
        tables.has(target.table) ? [target.table] : [],
        database.copyIn(context, target, rows),
      ),
    async write(context, work, options) {
      const joined = open.get(keyOf(context));
      const tags = joined ?? new Set<string>();
      try {
        return await database.write(
          context,
          (tx) => {
            open.set(keyOf(tx.context), tags);
            return work(noting(tx, written, tags));
          },
          options,
        );
      } finally {
        // Who joined is not at the end yet: what he wrote is forgotten with the rest.
        if (joined === undefined) await forget(tags);
      }
    },
  };
}

const nobody = {};

function keyOf({ unitOfWork }: Pick<Context, 'unitOfWork'>): object {
  return typeof unitOfWork === 'object' && unitOfWork !== null ? unitOfWork : nobody;
}

function noting(tx: Transaction, written: WrittenTables, tags: Set<string>): Transaction {
  const note = (statement: Parameters<WrittenTables['of']>[0]) => {
    for (const table of written.of(statement)) tags.add(tableTag(table, tx.context.tenant));
  };
  return {
    ...tx,
    one(statement, params) {
      note(statement);
      return tx.one(statement, params);
    },
    maybe(statement, params) {
      note(statement);
      return tx.maybe(statement, params);
    },
    many(statement, params) {
      note(statement);
      return tx.many(statement, params);
    },
    run(statement, params) {
      note(statement);
      return tx.run(statement, params);
    },
  };
}
