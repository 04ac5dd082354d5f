import type { EntryOptions, Invalidated, InvalidateOptions, Names } from './cache.ts';
import type { CacheNode } from './cache-node.ts';
import { splitNames } from './log-view.ts';
import { checkNames } from './names.ts';
import type { Log, LogEvent } from './ports.ts';
import { parsePosition, type Position } from './position.ts';
import { timesOf } from './times.ts';
import { prepare } from './values.ts';

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
    let position: Position = this.#node.needs.log.position();
    for (const part of splitNames(names)) {
      position = await this.#append({ names: part, kind, ...(data === undefined ? {} : { data }) });
    }
    return { position, delivered: true };
  }

  async clear({ soft = false }: { readonly soft?: boolean } = {}): Promise<Invalidated> {
    const kind = soft ? 'soft' : 'hard';
    const position = await this.#append({ names: {}, kind, clear: true });
    return { position, delivered: true };
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
    const { log, l1 } = this.#node.needs;
    const tags = [...new Set(options.tags)];
    const mark = options.mark === undefined ? undefined : parsePosition(options.mark);
    if (mark !== undefined && mark.epoch !== log.epoch) return undefined;
    const since = mark?.seq ?? log.known;
    if (log.newest(key, tags) > since) return undefined;
    // Prepared before the event: a value that cannot be kept leaves the old one in place.
    const prepared = prepare(value, options);
    const watch = log.watch(key, tags);
    const position = await this.#append({ names: { keys: [key] }, kind: 'hard' });
    watch.end();
    const { seq } = parsePosition(position);
    const times = timesOf(options, value, undefined, this.#node.needs);
    const isOvertaken = watch.seen.some((one) => one !== seq) || log.floor > seq;
    if (isOvertaken || times === undefined) return undefined;
    const newestOf = (tag: string) => log.newestOfTag(tag);
    const { kept, codec, bytes } = prepared;
    l1.put({ key, kept, codec, bytes, position: seq, ...times, tags, region, newestOf });
    return position;
  }

  async #append(event: LogEvent): Promise<Position> {
    return this.#log.append(event);
  }
}
