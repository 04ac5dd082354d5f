import { Timeline, type TimelineEvent, useLocale, useWords } from '@plinth/ui/core';
import { amount, day } from '@plinth/ui/format';

import english from '../../messages/en/invoice-parts.json';
import { eventsOf, type InvoiceEvent } from './invoice-events.ts';
import type { InvoiceDetail } from './invoice-state.ts';
import { useMethod } from './payment-method.ts';

interface InvoiceTimelineProps {
  readonly invoice: InvoiceDetail;
  /** The newest so many; default all. */
  readonly last?: number;
}

/** Issued, paid, credited, due: along a line, oldest first. */
export function InvoiceTimeline({ invoice, last }: InvoiceTimelineProps) {
  const t = useWords(english);
  const methodName = useMethod();
  const { formats, today } = useLocale();
  const figures = (minor: number) => amount({ minor, currency: invoice.currency }, formats);
  const events = eventsOf(invoice, today).slice(last === undefined ? 0 : -last);
  return (
    <Timeline
      events={events.map((event) => ({
        id: 'id' in event ? `${event.kind} ${event.id}` : event.kind,
        time: day(event.day, formats, { shortBefore: today }),
        ...lookOf(event, { figures, methodName, t }),
      }))}
    />
  );
}

type Look = Omit<TimelineEvent, 'id' | 'time'>;
type Words = ReturnType<typeof useWords<typeof english>>;

interface Terms {
  figures(minor: number): string;
  methodName(method: string): string;
  readonly t: Words;
}

function lookOf(event: InvoiceEvent, { figures, methodName, t }: Terms): Look {
  if (event.kind === 'payment') {
    return {
      icon: 'payment',
      tone: 'ok',
      text: (
        <a className="plain" href={`/payments/${event.id}`}>
          {t('event_payment')} <span className="num">{figures(event.amountMinor)}</span>
        </a>
      ),
      detail: [methodName(event.method), event.reference].filter(Boolean).join(', '),
    };
  }
  if (event.kind === 'credit') {
    return {
      icon: 'undo',
      text: (
        <a className="plain" href={`/invoices/${event.id}`}>
          {t('credit_note')} <span className="num">{figures(event.amountMinor)}</span>
        </a>
      ),
      detail: <span className="num">{event.number}</span>,
    };
  }
  return { ...plainLooks[event.kind], text: t(`event_${event.kind}`) };
}

const plainLooks = {
  issued: { icon: 'check', tone: 'ok' },
  settled: { icon: 'check', tone: 'ok' },
  overdue: { icon: 'alert', tone: 'danger' },
  due: { icon: 'clock', next: true },
} as const;
