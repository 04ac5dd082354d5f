import { startPgBouncer } from '@plinth/testing/pgbouncer';

import { createDatabase } from './create-database.ts';
import { contextOf, drive, openPoints, plainPoint, tenant } from './wire/points-fixture.ts';

const roundMs = 1_500;
const warmMs = 300;
const rounds = 7;
const context = contextOf(tenant);

async function pointsPerSecond(url: string): Promise<number> {
  // A pooler of that version carries no names: both sides parse each statement.
  const database = createDatabase({ url, prepare: 'unnamed' });
  const ask = (id: number) => database.one(context, plainPoint, { id });
  try {
    await drive(64, warmMs, ask);
    return (await drive(64, roundMs, ask)).perSecond;
  } finally {
    await database.drain(0);
  }
}

/** 64 readers of single rows through Debian's PgBouncer in transaction mode, beside the same without it. */
export const bench = {
  name: 'pgbouncer',
  async open() {
    const points = await openPoints();
    const ends: (() => Promise<void>)[] = [];
    const { url } = points.server;
    const owner = { after: (end: () => Promise<void>) => void ends.unshift(end) };
    const pooler = await startPgBouncer(owner, { urls: [url] });
    const point = {
      name: 'point',
      target: 0.85,
      peerName: `the server itself, unnamed; PgBouncer ${pooler.version}`,
      unit: 'reads/s',
      better: 'higher',
      rounds,
      async measure(oursFirst: boolean) {
        const result = { ours: 0, peer: 0 };
        for (const side of oursFirst ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const)) {
          result[side] = await pointsPerSecond(side === 'ours' ? pooler.through(url) : url);
        }
        return result;
      },
    };
    const close = async () => {
      for (const end of ends) await end();
      await points.close();
    };
    return { cases: [point], close };
  },
};
