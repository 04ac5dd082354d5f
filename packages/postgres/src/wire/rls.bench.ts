import { createDatabase } from '../create-database.ts';
import type { Database } from '../database.ts';
import {
  contextOf,
  drive,
  openPoints,
  plainPage,
  plainPoint,
  scopedPage,
  scopedPoint,
  tenant,
} from './points-fixture.ts';

const roundMs = 1_000;
const pageRows = 50;
const context = contextOf(tenant);

function point(database: Database, statement: typeof plainPoint) {
  return drive(64, roundMs, (id) => database.one(context, statement, { id }));
}

function page(database: Database, statement: typeof plainPage) {
  return drive(8, roundMs, async (id) => {
    const from = Math.min(id, 90_000);
    const [first] = await database.many(context, statement, { from, rows: pageRows });
    return first === undefined ? undefined : { id: id - from + first.id };
  });
}

/** The same read of the same rows under row security and without, both with the tenant set. */
export const bench = {
  name: 'rls',
  async open() {
    const points = await openPoints();
    const database = createDatabase({ url: points.server.url });
    const claims = [
      {
        name: 'point',
        target: 0.8,
        ours: () => point(database, scopedPoint),
        peer: () => point(database, plainPoint),
      },
      {
        name: 'page',
        target: 0.95,
        ours: () => page(database, scopedPage),
        peer: () => page(database, plainPage),
      },
    ];
    const cases = claims.map(({ name, target, ours, peer }) => ({
      name,
      target,
      peerName: 'the same without row security',
      unit: 'reads/s',
      better: 'higher',
      rounds: 7,
      async measure(oursFirst: boolean) {
        const result = { ours: 0, peer: 0 };
        for (const side of oursFirst ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const)) {
          result[side] = (await (side === 'ours' ? ours() : peer())).perSecond;
        }
        return result;
      },
    }));
    const close = async () => {
      await database.drain(0);
      await points.close();
    };
    return { cases, close };
  },
};
