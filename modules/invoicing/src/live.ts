import type { NamedEvent } from '@plinth/contract';
import { z } from '@plinth/core/z';
import type { Envelope } from '@plinth/messaging';
import { defineChannel, type Invalidation } from '@plinth/realtime';

import { invoicing } from './contract.ts';
import type { InvoicingNeeds } from './needs.ts';

const idsMax = 200;

const invoicesChannel = defineChannel<Invalidation>({
  pattern: 't/{tenant}/invoices',
  schema: z.object({ topic: z.string(), ids: z.array(z.string()).max(idsMax).optional() }),
  authorize: (auth) => auth.permissions.has('invoicing.read'),
});

/** Tells open pages which documents changed; they ask the API what became of them. */
export function announceLive({ messaging, realtime }: InvoicingNeeds): void {
  const channel = realtime.channel(invoicesChannel);
  const announce = async (envelopes: readonly Envelope[]): Promise<void> => {
    for (const { tenant, topic, ids } of byTopic(envelopes)) {
      const message = ids.length > idsMax ? { topic } : { topic, ids };
      await channel.publish({ tenant }, message);
    }
  };
  messaging.subscribe<NamedEvent>({
    name: 'invoicing.live',
    event: Object.values(invoicing.events),
    handle: (envelope) => announce([envelope]),
    handleBatch: announce,
  });
}

interface Change {
  readonly tenant: string;
  readonly topic: string;
  readonly ids: string[];
}

function byTopic(envelopes: readonly Envelope[]): Iterable<Change> {
  const changes = new Map<string, Change>();
  for (const { tenant, name, key } of envelopes) {
    if (tenant === null) continue;
    const place = `${tenant} ${name}`;
    const change = changes.get(place) ?? { tenant, topic: name, ids: [] };
    changes.set(place, change);
    if (key !== null) change.ids.push(key);
  }
  return changes.values();
}
