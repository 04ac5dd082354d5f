import type { Clock, Log as ProcessLog } from '@plinth/core';

import type { Log, LogEvent, LogListener } from '../ports.ts';
import type { Position } from '../position.ts';
import { AppendQueue } from './append-queue.ts';
import { ensureEpoch } from './ensure-epoch.ts';
import { decodeEvents } from './event-lines.ts';
import { readAdded, readEntries, readStream, type RawEntry } from './log-entries.ts';
import { OwnEvents } from './own-events.ts';
import { askSentinels, away, type RedisPlace } from './place.ts';
import { asConfigProblem, Session, type LogId, type ServerFacts } from './session.ts';

const blockMs = 1_000;
const blockGraceMs = 500;
const pageMax = 1_000;
const againMsFirst = 25;
const againMsMax = 1_000;
const refusedMs = 5_000;
const lookMs = 10_000;

export interface RedisLogOptions {
  readonly place: RedisPlace;
  readonly ns: string;
  readonly clock: Clock;
  readonly log: ProcessLog;
  readonly logMax: number;
  readonly appendTimeoutMs: number;
  readonly random: () => number;
}

/** A stream of Redis: `XADD … EPOCH-*`. Its order is the only clock; each loss of it ends in an anchor. */
export class RedisLog implements Log {
  readonly isShared = true;
  readonly anchors = { epoch: 0, hole: 0 };
  resent = 0;
  offsetMs = 0;
  server: ServerFacts | undefined;
  retained: number | undefined;
  readonly #options: RedisLogOptions;
  readonly #key: string;
  readonly #own = new OwnEvents();
  readonly #queue: AppendQueue;
  readonly #stopped = new AbortController();
  readonly #started = Promise.withResolvers<void>();
  readonly #stopLooking: () => void;
  #listener: LogListener | undefined;
  #session: Session | undefined;
  #isLive = false;
  #hasJoined = false;
  #epoch = 0;
  #applied = 0;
  #epochMax = 0;
  #namedAt: number;
  #running: Promise<void> = Promise.resolve();

  constructor(options: RedisLogOptions) {
    this.#options = options;
    this.#key = `{${options.ns}}:log`;
    this.#namedAt = options.clock.mono();
    this.#queue = new AppendQueue({
      timeoutMs: options.appendTimeoutMs,
      add: (text) => this.#add(text),
      added: (events) => {
        for (const event of events) this.#own.add(event, options.clock.mono());
      },
    });
    this.offsetMs = options.clock.now() - options.clock.mono();
    this.#stopLooking = options.clock.every(lookMs, () => this.#look());
  }

  get isJoined(): boolean {
    return this.#isLive;
  }

  async append(event: LogEvent, { alone = false } = {}): Promise<Position> {
    if (!this.#isLive) throw away('The log has no session.');
    return this.#queue.append(event, alone);
  }

  start(listener: LogListener): Promise<void> {
    this.#listener = listener;
    this.#running = this.#run();
    return this.#started.promise;
  }

  async close(): Promise<void> {
    this.#stopLooking();
    this.#stopped.abort();
    this.#session?.end(away('The cache is closed.'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    const isStopped = () => signal.aborted;
    const { clock, random } = this.#options;
    for (let failures = 0; !isStopped(); failures += 1) {
      const error = await this.#runSession().catch((reason: unknown) => reason);
      const wasLive = this.#isLive;
      this.#isLive = false;
      this.#session = undefined;
      if (wasLive) failures = 0;
      const refusal = asConfigProblem(error);
      if (refusal !== undefined && !this.#hasJoined) {
        this.#started.reject(refusal);
        return;
      }
      if (isStopped()) return;
      const fields = { reason: error instanceof Error ? error.message : String(error) };
      if (wasLive) this.#options.log.warn('cache.log_lost', fields);
      const longestMs = Math.min(againMsMax, againMsFirst * 2 ** failures);
      const waitMs = refusal === undefined ? random() * longestMs : refusedMs;
      await clock.sleep(waitMs, signal).catch(() => 'closed: the loop ends');
    }
  }

  async #runSession(): Promise<never> {
    const session = await Session.open(this.#options.place, this.#key);
    this.#session = session;
    if (this.#stopped.signal.aborted) session.end(away('The cache is closed.'));
    try {
      const facts = await this.#ensureEpoch(session);
      this.server = facts.server;
      this.retained = facts.length;
      this.offsetMs = await session.offset(this.#options.clock, 5);
      await this.#join(session, facts.last);
      let isFirst = true;
      for (;;) {
        await this.#hear(session, isFirst);
        isFirst = false;
      }
    } catch (error) {
      session.end(error);
      throw error;
    }
  }

  /** The log's epoch names this server's history, and its end is not below what this node has heard. */
  async #ensureEpoch(session: Session) {
    const heard = { epoch: this.#epoch, seq: this.#applied };
    const facts = await ensureEpoch(session, this.#key, {
      epochMax: this.#epochMax,
      heard: this.#hasJoined ? heard : undefined,
    });
    this.#epochMax = Math.max(this.#epochMax, facts.last.epoch);
    return facts;
  }

  async #join(session: Session, last: LogId): Promise<void> {
    if (!this.#hasJoined) {
      const [first] = readEntries(
        await session.listen(0, 'XRANGE', this.#key, `${last.epoch}-0`, '+', 'COUNT', 1),
      );
      const floor = Math.max(0, first === undefined ? last.seq : first.seq - 1);
      this.#begin(last.epoch, floor);
      await this.#replay(session);
      this.#hasJoined = true;
    } else if (last.epoch !== this.#epoch) {
      await this.#anchor(session, last.epoch, 'epoch');
    }
  }

  /** All that the log has kept of this epoch, in pages. */
  async #replay(session: Session): Promise<void> {
    for (;;) {
      const from = `(${this.#epoch}-${this.#applied}`;
      const words = ['XRANGE', this.#key, from, '+', 'COUNT', pageMax] as const;
      const entries = readEntries(await session.listen(0, ...words));
      if (!this.#apply(entries)) {
        // What was trimmed meanwhile leaves a hole: a later floor has none.
        await this.#anchor(session, this.#epoch, 'hole');
      }
      if (entries.length < pageMax) return;
    }
  }

  async #hear(session: Session, isFirst: boolean): Promise<void> {
    const { clock } = this.#options;
    const sentAt = clock.mono();
    const block = isFirst ? [] : ['BLOCK', blockMs];
    const from = `${this.#epoch}-${this.#applied}`;
    const answer = await session.listen(
      isFirst ? 0 : blockMs + blockGraceMs,
      ...(['XREAD', 'COUNT', pageMax, ...block, 'STREAMS', this.#key, from] as const),
    );
    const entries = readEntries(readStream(answer));
    if (entries.length > 0) {
      if (!this.#apply(entries)) await this.#anchor(session, this.#epoch, 'hole');
      if (entries.length < pageMax) this.#confirm(sentAt);
      return;
    }
    // A read from above the end waits for ever and says nothing: so the end is asked for.
    await this.#checkTail(session);
  }

  async #checkTail(session: Session): Promise<void> {
    const sentAt = this.#options.clock.mono();
    const { last, length } = await session.log(this.#key);
    this.retained = length;
    if (last === undefined || last.epoch !== this.#epoch || last.seq < this.#applied) {
      throw away('The log is not the one that was heard.');
    }
    if (last.seq === this.#applied) {
      this.#confirm(sentAt);
      return;
    }
    const [first] = readEntries(
      await session.listen(0, 'XRANGE', this.#key, `${this.#epoch}-0`, '+', 'COUNT', 1),
    );
    if (first === undefined || first.seq > this.#applied + 1) {
      await this.#anchor(session, this.#epoch, 'hole');
    }
  }

  #confirm(sentAt: number): void {
    this.#listener?.confirmed(sentAt);
    this.#isLive = true;
    this.#started.resolve();
  }

  /** @returns false at a hole. */
  #apply(entries: readonly RawEntry[]): boolean {
    for (const { epoch, seq, text } of entries) {
      if (epoch !== this.#epoch) throw away('The log has a new epoch.');
      if (seq !== this.#applied + 1) return false;
      for (const event of decodeEvents(text)) this.#listener?.entry({ ...event, epoch, seq });
      this.#applied = seq;
    }
    return true;
  }

  /** A start of this node's own making: nothing before it counts, and what it sent of late is sent again. */
  async #anchor(session: Session, epoch: number, reason: 'epoch' | 'hole'): Promise<void> {
    this.#forgetOwn();
    const events = this.#own.all();
    const texts = this.#queue.textsOf(events);
    let seq = 0;
    for (const text of texts.length === 0 ? ['n'] : texts) {
      seq = readAdded(await this.#addTo(session, epoch, text)).seq;
    }
    this.anchors[reason] += 1;
    this.resent += events.length;
    this.#begin(epoch, seq);
    this.#options.log.info('cache.anchored', { reason, resent: events.length });
  }

  #begin(epoch: number, seq: number): void {
    this.#epoch = epoch;
    this.#applied = seq;
    this.#listener?.joined({ epoch, floor: seq, applied: seq });
  }

  async #add(text: string): Promise<LogId> {
    const session = this.#session;
    if (session === undefined || !this.#isLive) throw away('The log has no session.');
    try {
      return readAdded(await this.#addTo(session, this.#epoch, text));
    } catch (error) {
      // A full server keeps its order; any other answer puts it in doubt.
      if (!(error instanceof Error && error.message.startsWith('OOM'))) session.end(error);
      throw error;
    }
  }

  #addTo(session: Session, epoch: number, text: string): Promise<unknown> {
    const bound = ['NOMKSTREAM', 'MAXLEN', '~', this.#options.logMax] as const;
    return session.call('XADD', this.#key, ...bound, `${epoch}-*`, 'e', text);
  }

  #forgetOwn(): void {
    const { place, clock } = this.#options;
    this.#own.forget(place.kind === 'sentinel' ? this.#namedAt : clock.mono());
  }

  /** Now and then: the server's time and memory, and whether the sentinels still name this master. */
  async #look(): Promise<void> {
    const session = this.#session;
    if (session === undefined || !this.#isLive) return;
    const { place, clock } = this.#options;
    try {
      if (place.kind === 'sentinel') {
        const { address, named } = await askSentinels(place);
        if (address.port !== session.address.port || address.host !== session.address.host) {
          session.end(away('There is another master.'));
          return;
        }
        if (named >= 2) this.#namedAt = clock.mono();
      }
      this.offsetMs = await session.offset(clock, 3);
      this.server = await session.info();
    } catch {
      // The session tells of it by its end.
    }
    this.#forgetOwn();
  }
}
