import { z } from '@plinth/core/z';

import { defineChannel, type Channel, type ChannelContract, type Invalidation } from './channel.ts';

/** More than these, and everything of the topic counts as changed. */
const idsMax = 200;

/** An event that was delivered: the part of it that pages hear of. */
export interface Change {
  /** Null: of no tenant, and no page hears of it. */
  readonly tenant: string | null;
  /** `invoicing.invoice-issued` */
  readonly name: string;
  readonly key: string | null;
}

/** A channel that tells what changed, to those with the permission to read it. */
export function changesChannel(pattern: string, permission: string): ChannelContract<Invalidation> {
  return defineChannel<Invalidation>({
    pattern,
    schema: z.object({ topic: z.string(), ids: z.array(z.string()).max(idsMax).optional() }),
    authorize: (auth) => auth.permissions.has(permission),
  });
}

/**
 * Tells open pages what a batch of events changed, one message for each tenant and topic; they ask the API what
 * became of it.
 *
 * @param idOf what the pages know the changed thing by; default the event's key.
 */
export function createAnnouncer<change extends Change>(
  channel: Channel<Invalidation>,
  idOf: (change: change) => string | null = ({ key }) => key,
): (changes: readonly change[]) => Promise<void> {
  return async (changes) => {
    for (const { tenant, topic, ids } of byTopic(changes, idOf)) {
      await channel.publish({ tenant }, ids.size > idsMax ? { topic } : { topic, ids: [...ids] });
    }
  };
}

interface OfTopic {
  readonly tenant: string;
  readonly topic: string;
  readonly ids: Set<string>;
}

function byTopic<change extends Change>(
  changes: readonly change[],
  idOf: (change: change) => string | null,
): Iterable<OfTopic> {
  const found = new Map<string, OfTopic>();
  for (const change of changes) {
    const { tenant, name } = change;
    if (tenant === null) continue;
    const place = `${tenant} ${name}`;
    const ofTopic = found.get(place) ?? { tenant, topic: name, ids: new Set() };
    found.set(place, ofTopic);
    const id = idOf(change);
    if (id !== null) ofTopic.ids.add(id);
  }
  return found.values();
}
