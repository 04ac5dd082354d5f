import type { EntryOptions, Invalidated, InvalidateOptions, Names } from './cache.ts';
import type { CacheNode } from './cache-node.ts';
import type { Fixed } from './fills.ts';
import type { Watch } from './log-view.ts';
import { checkNames, splitNames } from './names.ts';
import type { Log, LogEvent } from './ports.ts';
import { parsePosition, type Position } from './position.ts';
import { prepare } from './values.ts';
import { noReader } from './judge.ts';

/** What changes the cache: everything goes through the log, which gives it its place. */
export class Writes {
  readonly #node: CacheNode;
  readonly #log: Log;

  constructor(node: CacheNode, log: Log) {
    this.#node = node;
    this.#log = log;
  }

  async invalidate(names: Names, options: InvalidateOptions = {}): Promise<Invalidated> {
    checkNames(names);
    const { soft = false, data, signal } = options;
    signal?.throwIfAborted();
    const kind = soft ? 'soft' : 'hard';
    const known = data === undefined ? {} : { data };
    const events = splitNames(names).map((part) => ({ names: part, kind, ...known }) as const);
    const positions = await Promise.all(events.map((event) => this.#append(event)));
    if (!soft) this.#node.needs.level?.drop(names.keys ?? []);
    return toInvalidated(positions, this.#node.needs.log.position());
  }

  async clear({ soft = false }: { readonly soft?: boolean } = {}): Promise<Invalidated> {
    const kind = soft ? 'soft' : 'hard';
    const position = await this.#append({ names: {}, kind, clear: true });
    return toInvalidated([position], this.#node.needs.log.position());
  }

  /**
   * Stores what the caller has read after `mark`, unless one of its names was invalidated since. Of two that
   * race, the later place in the log wins.
   */
  async set(
    key: string,
    value: unknown,
    options: EntryOptions & { readonly mark?: Position },
    region: number,
  ): Promise<Position | undefined> {
    this.#node.check(key, options);
    const { log } = this.#node.needs;
    const tags = [...new Set(options.tags)];
    const mark = options.mark === undefined ? undefined : parsePosition(options.mark);
    if (mark !== undefined && mark.epoch !== log.epoch) return undefined;
    const since = mark?.seq ?? log.known;
    if (log.newest(key, tags) > since) return undefined;
    // Prepared before the event: a value that cannot be kept leaves the old one in place.
    const prepared = prepare(value, options);
    const request = { key, factory: () => value, options, region };
    const fixed = { request, prepared, value };
    const watch = log.watch(key, tags);
    try {
      return await this.#setInPlace(fixed, { tags, watch });
    } finally {
      watch.end();
    }
  }

  async #setInPlace(
    fixed: Omit<Fixed, 'position'>,
    { tags, watch }: { readonly tags: readonly string[]; readonly watch: Watch },
  ): Promise<Position | undefined> {
    const { log, fills } = this.#node.needs;
    const { key } = fixed.request;
    const { generation } = log;
    const event: LogEvent = { names: { keys: [key] }, kind: 'hard' };
    const position = await this.#append(event, { alone: true });
    if (position === undefined) {
      const isSame = generation === log.generation;
      if (isSame) fills.fix({ ...fixed, position: log.known }, true);
      return undefined;
    }
    const { epoch, seq } = parsePosition(position);
    await this.#node.reach({ ...noReader, after: seq, epoch });
    const isHeard = generation === log.generation && log.applied >= seq;
    const isOvertaken = watch.seen.some((one) => one !== seq) || log.newest(key, tags) > seq;
    if (!isHeard || isOvertaken) return undefined;
    fills.fix({ ...fixed, position: seq }, false);
    return position;
  }

  /** @returns undefined when it has no place yet: then it is pending, in effect here and sent again. */
  async #append(
    event: LogEvent,
    options?: { readonly alone?: boolean },
  ): Promise<Position | undefined> {
    const { log, pending } = this.#node.needs;
    let position: Position;
    try {
      position = await this.#log.append(event, options);
    } catch {
      await pending.add(event);
      return undefined;
    }
    log.appended(event, parsePosition(position));
    return position;
  }
}

function toInvalidated(positions: readonly (Position | undefined)[], known: Position): Invalidated {
  if (positions.includes(undefined)) return { position: undefined, delivered: false };
  // Their places in the log are in the order of the parts.
  return { position: positions.at(-1) ?? known, delivered: true };
}
