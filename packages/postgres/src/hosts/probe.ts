import type { Connection } from '../connection.ts';
import { failureOf } from '../failure.ts';
import { normalise, parseLsn, timelineOf } from '../position.ts';
import type { Answer } from '../wire/wire.ts';

/** What a server says about itself. */
export interface Facts {
  readonly systemId: string;
  readonly isStandby: boolean;
  /** Replayed, or on a primary inserted. */
  readonly lsn: bigint;
  /** Of a standby: what it receives, or at least has replayed; undefined where it does not say. */
  readonly timeline: number | undefined;
  readonly isReceiving: boolean;
  /** A promoted server's end of replay: where its timeline began, until it starts again. */
  readonly switchLsn: bigint | undefined;
  readonly isReadOnly: boolean;
  readonly isolation: string;
  readonly startedAt: string;
}

const factsText = `select r, c.system_identifier::text,
  case when r then pg_last_wal_replay_lsn() else pg_current_wal_insert_lsn() end::text,
  case when not r then pg_walfile_name(pg_current_wal_insert_lsn()) end,
  pg_last_wal_replay_lsn()::text,
  current_setting('default_transaction_read_only'),
  current_setting('default_transaction_isolation'),
  extract(epoch from pg_postmaster_start_time())::text,
  (select min_recovery_end_timeline from pg_control_recovery())::text
from pg_is_in_recovery() r, pg_control_system() c`;
const receivedText = 'select plinth.received_timeline()::text';

export interface ProbeOptions {
  readonly timeoutMs: number;
  open(): Promise<Connection>;
}

/** Asks one server on a connection of its own, which is opened again when it is lost. */
export class Probe {
  readonly #options: ProbeOptions;
  #connection: Connection | undefined;
  #canAskReceiver = true;

  constructor(options: ProbeOptions) {
    this.#options = options;
  }

  /** @throws what the socket or the server said, or that the time was up. */
  async ask(): Promise<Facts> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error('The server did not answer in time.')),
        this.#options.timeoutMs,
      );
    });
    const asked = this.#ask();
    try {
      return await Promise.race([asked, late]);
    } catch (error) {
      asked.catch(() => undefined);
      this.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#connection?.destroy();
    this.#connection = undefined;
  }

  async #ask(): Promise<Facts> {
    const connection = (this.#connection ??= await this.#open());
    const [facts, received] = await Promise.all([
      connection.send({ text: factsText }),
      this.#canAskReceiver ? this.#askReceiver(connection) : undefined,
    ]);
    return readFacts(facts, received);
  }

  async #open(): Promise<Connection> {
    const connection = await this.#options.open();
    this.#canAskReceiver = true;
    return connection;
  }

  /** The function is there once the schema was migrated. */
  async #askReceiver(connection: Connection): Promise<Answer | undefined> {
    try {
      return await connection.send({ text: receivedText });
    } catch (error) {
      if (failureOf(error).sqlstate === undefined) throw error;
      this.#canAskReceiver = false;
      return undefined;
    }
  }
}

function readFacts({ rows }: Answer, received: Answer | undefined): Facts {
  const [row = []] = rows;
  const [recovery, systemId, lsn, walFile, replayed] = row;
  const [readOnly, isolation = '', startedAt = '', recovered] = row.slice(5).map(String);
  if (typeof systemId !== 'string' || typeof lsn !== 'string') {
    throw new TypeError('The server does not say how far it is.');
  }
  const isStandby = recovery === 't';
  const receivedTimeline = receivedBy(received);
  const common = {
    systemId,
    isStandby,
    isReadOnly: readOnly === 'on',
    isolation,
    startedAt,
    isReceiving: receivedTimeline > 0,
  };
  if (isStandby) {
    const timeline = Math.max(receivedTimeline, Number(recovered)) || undefined;
    return { ...common, lsn: parseLsn(lsn), timeline, switchLsn: undefined };
  }
  const switchLsn = typeof replayed === 'string' ? parseLsn(replayed) : undefined;
  return {
    ...common,
    lsn: normalise(parseLsn(lsn)),
    timeline: timelineOf(walFile ?? '0'),
    switchLsn,
  };
}

/** 0 where nothing is received, or where the function is not there. */
function receivedBy(answer: Answer | undefined): number {
  return Number(answer?.rows[0]?.[0] ?? 0);
}
