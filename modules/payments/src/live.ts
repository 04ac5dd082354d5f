import type { NamedEvent } from '@plinth/contract';
import { z } from '@plinth/core/z';
import type { Envelope } from '@plinth/messaging';
import { defineChannel, type Invalidation } from '@plinth/realtime';

import { payments } from './contract.ts';
import type { PaymentsNeeds } from './needs.ts';

const idsMax = 200;

const paymentsChannel = defineChannel<Invalidation>({
  pattern: 't/{tenant}/payments',
  schema: z.object({ topic: z.string(), ids: z.array(z.string()).max(idsMax).optional() }),
  authorize: (auth) => auth.permissions.has('payments.read'),
});

/** Tells open pages which payments changed; they ask the API what became of them. */
export function announceLive({ messaging, realtime }: PaymentsNeeds): void {
  const channel = realtime.channel(paymentsChannel);
  const announce = async (envelopes: readonly Envelope[]): Promise<void> => {
    for (const { tenant, topic, ids } of byTopic(envelopes)) {
      const message = ids.length > idsMax ? { topic } : { topic, ids };
      await channel.publish({ tenant }, message);
    }
  };
  messaging.subscribe<NamedEvent>({
    name: 'payments.live',
    event: Object.values(payments.events),
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
  for (const envelope of envelopes) {
    const { tenant, name } = envelope;
    if (tenant === null) continue;
    const place = `${tenant} ${name}`;
    const change = changes.get(place) ?? { tenant, topic: name, ids: [] };
    changes.set(place, change);
    const id = paymentOf(envelope);
    if (id !== undefined) change.ids.push(id);
  }
  return changes.values();
}

/** Some are keyed by their invoice: pages of payments want the payment. */
const hasPayment = z.object({ paymentId: z.string() });

function paymentOf({ body }: Envelope): string | undefined {
  return hasPayment.safeParse(body).data?.paymentId;
}
