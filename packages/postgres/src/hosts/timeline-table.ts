import { parseLsn } from '../position.ts';
import type { Host } from './host.ts';
import type { Timelines } from './timelines.ts';

const upsertText = `insert into plinth.timeline as t (timeline, switch_lsn) values ($1::int, $2::pg_lsn)
  on conflict (timeline) do update set switch_lsn = excluded.switch_lsn
  where t.switch_lsn is null and excluded.switch_lsn is not null`;
const listText = 'select timeline::text, switch_lsn::text from plinth.timeline order by timeline';
const acquireMs = 1_000;

/** Writes the leader's timeline down, and learns those that others saw begin. */
export async function recordTimelines(leader: Host, timelines: Timelines): Promise<boolean> {
  const { facts, pool, timeline } = leader;
  const connection = await pool.acquire(AbortSignal.timeout(acquireMs));
  try {
    const lsn = facts?.switchLsn === undefined ? null : textOf(facts.switchLsn);
    const wrote = connection.send({ text: upsertText, values: [String(timeline), lsn] });
    const listed = connection.send({ text: listText });
    await Promise.allSettled([wrote, listed]);
    await wrote;
    for (const [known, start] of (await listed).rows) {
      timelines.see(Number(known));
      if (typeof start === 'string') timelines.learn(Number(known), parseLsn(start));
    }
    return true;
  } finally {
    pool.release(connection);
  }
}

function textOf(lsn: bigint): string {
  return `${(lsn >> 32n).toString(16)}/${(lsn & 0xffff_ffffn).toString(16)}`.toUpperCase();
}
