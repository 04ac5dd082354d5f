import type { NamedEvent } from '@plinth/contract';
import { changesChannel, createAnnouncer } from '@plinth/realtime';

import { invoicing } from './contract.ts';
import type { InvoicingNeeds } from './needs.ts';

/** Tells open pages which documents changed. */
export function announceLive({ messaging, realtime }: InvoicingNeeds): void {
  const announce = createAnnouncer(
    realtime.channel(changesChannel('t/{tenant}/invoices', 'invoicing.read')),
  );
  messaging.subscribe<NamedEvent>({
    name: 'invoicing.live',
    event: Object.values(invoicing.events),
    handle: (envelope) => announce([envelope]),
    handleBatch: announce,
  });
}
