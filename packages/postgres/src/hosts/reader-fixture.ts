import { createDatabase } from '../create-database.ts';
import { contextOf, counterOf, countRoutes } from './replicas-fixture.ts';

/** What a client asks of another process than the one that wrote. */
export interface Ask {
  readonly id: string;
  /** What it wrote: nothing below may be read. */
  readonly n: number;
  readonly times: number;
  readonly seen: { readonly timeline: number; readonly lsn: string } | undefined;
}

/** A busy machine must not look like a database that has no place. */
const poolMax = 40;
const acquireMs = 30_000;
/** A process that reads for others. It says `ready`, and answers each question with its number. */
const { routes, telemetry } = countRoutes();
const database = createDatabase({
  url: process.argv[2] ?? '',
  telemetry,
  poolMax,
  acquireMs,
  fallbackShare: 1,
});

process.on('message', (message: { at: number; ask: Ask | 'routes' }) => {
  if (message.ask === 'routes') process.send?.({ at: message.at, result: routes });
  else void answer(message.at, message.ask);
});
process.on('disconnect', () => void database.drain(0).then(() => process.exit()));
process.send?.('ready');

async function answer(at: number, { id, n, times, seen }: Ask): Promise<void> {
  const position = seen && { cluster: 'main', timeline: seen.timeline, lsn: BigInt(seen.lsn) };
  let stale = 0;
  let failed: string | undefined;
  for (let count = 0; count < times && failed === undefined; count += 1) {
    try {
      const row = await database.maybe(contextOf(position), counterOf, { id });
      if ((row?.n ?? 0) < n) stale += 1;
    } catch (error) {
      failed = String(error);
    }
  }
  process.send?.({ at, result: { stale, failed } });
}
