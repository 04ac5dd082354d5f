import type { NamedEvent } from '@plinth/contract';
import { z } from '@plinth/core/z';
import type { Envelope } from '@plinth/messaging';
import { changesChannel, createAnnouncer } from '@plinth/realtime';

import { payments } from './contract.ts';
import type { PaymentsNeeds } from './needs.ts';

/** Some events are keyed by their invoice: pages of payments want the payment. */
const hasPayment = z.object({ paymentId: z.string() });

/** Tells open pages which payments changed. */
export function announceLive({ messaging, realtime }: PaymentsNeeds): void {
  const channel = realtime.channel(changesChannel('t/{tenant}/payments', 'payments.read'));
  const announce = createAnnouncer(channel, paymentOf);
  messaging.subscribe<NamedEvent>({
    name: 'payments.live',
    event: Object.values(payments.events),
    handle: (envelope) => announce([envelope]),
    handleBatch: announce,
  });
}

function paymentOf({ body }: Envelope): string | null {
  return hasPayment.safeParse(body).data?.paymentId ?? null;
}
