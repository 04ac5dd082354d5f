import type { CacheNode } from './cache-node.ts';
import type { Request } from './flight.ts';
import type { Reader } from './judge.ts';
import type { Look } from './l1.ts';
import type { Found } from './second-level.ts';

export interface FoundEntry {
  readonly look: Look;
  readonly level: 'l1' | 'l2';
}

type Asked = Pick<Request, 'key' | 'region' | 'options'>;

/** What is fresh and usable on either level, without a factory. */
export async function findEntry(
  node: CacheNode,
  reader: Reader,
  { key, region, options }: Asked,
): Promise<FoundEntry | undefined> {
  node.check(key, {});
  const { judge, counters, l1 } = node.needs;
  if (judge.isForeign(reader)) return undefined;
  await node.reach(reader);
  if (judge.isForeign(reader)) return undefined;
  const look = l1.look(key);
  const verdict = judge.of(look, reader);
  if (look !== undefined && verdict === 'fresh') {
    counters.hits[region] = (counters.hits[region] ?? 0) + 1;
    return { look, level: 'l1' };
  }
  const found = await findBelow(node, reader, { key, region, options });
  if (found !== undefined) {
    counters.hit2(region);
    return { look: found, level: 'l2' };
  }
  const isOld = verdict === 'fresh' || verdict === 'held' || verdict === 'stale';
  counters.miss(region, isOld ? 'expired' : verdict);
  return undefined;
}

async function findBelow(node: CacheNode, reader: Reader, asked: Asked): Promise<Look | undefined> {
  const { level, log, counters, fills, l1 } = node.needs;
  if (level === undefined || !level.isReadable(asked.options)) return undefined;
  const request = { ...asked, factory: () => undefined };
  const { generation } = log;
  try {
    const found = await level.find(request, {
      after: reader.after,
      isEager: false,
      data: reader.data,
    });
    if (typeof found !== 'object' || generation !== log.generation) return undefined;
    fills.found(found, request, generation);
    const look = l1.look(asked.key);
    return look?.position === found.position ? look : lookOf(asked.key, found, generation);
  } catch {
    // The store is late or away: there is no value here.
    counters.trouble('read');
    return undefined;
  }
}

/** Where L1 does not keep it: too large, or not wanted. */
function lookOf(key: string, { prepared, position, times, tags }: Found, generation: number): Look {
  const { kept, codec } = prepared;
  const rest = { hold: -Infinity, isValid: true, isUntouched: true };
  return { key, kept, codec, position, generation, ...times, tags, ...rest };
}
