import { useQuery } from '@tanstack/react-query';

import {
  Empty,
  ErrorState,
  type IconName,
  Panel,
  Skeleton,
  Timeline,
  useLocale,
  useWords,
} from '@plinth/ui/core';
import { instant } from '@plinth/ui/format';

import english from '../../messages/en/object-history.json';
import { queryOf } from '../data/queries.ts';

const entriesMax = 100;

interface HistoryProps {
  /** Of the document, customer or payment. */
  readonly id: string;
}

/** Who did what to one thing: the audit trail's entries of it, newest first. */
export function ObjectHistory({ id }: HistoryProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const f = [`object:eq:${id}`];
  const entries = useQuery(queryOf('audit', 'listEntries', { f, sort: '-at', limit: entriesMax }));
  if (entries.isPending) return <Skeleton lines={6} />;
  if (entries.isError) {
    return <ErrorState error={entries.error} onRetry={() => void entries.refetch()} />;
  }
  const { items } = entries.data;
  if (items.length === 0) return <Empty title={t('none')} icon="clock" />;
  const more = `/activity?f=${encodeURIComponent(`object:eq:${id}`)}`;
  return (
    <Panel title={t('title')} more={<a href={more}>{t('all')}</a>}>
      <Timeline
        events={items.map(({ id: entryId, action, actorKind, actorName, at }) => ({
          id: entryId,
          icon: icons.get(nameOf(action)) ?? 'clock',
          text: wordsOf(action, t),
          detail: actorKind === 'system' ? t('by_system') : actorName,
          time: instant(Date.parse(at), formats),
        }))}
      />
    </Panel>
  );
}

const icons: ReadonlyMap<string, IconName> = new Map([
  ['customer-created', 'plus'],
  ['customer-changed', 'edit'],
  ['customer-archived', 'trash'],
  ['customer-restored', 'undo'],
  ['invoice-drafted', 'plus'],
  ['invoice-changed', 'edit'],
  ['invoice-issued', 'check'],
  ['invoice-settled', 'check'],
  ['invoice-voided', 'undo'],
  ['credit-note-issued', 'undo'],
  ['invoice-overdue', 'alert'],
  ['invoice-balance-changed', 'payment'],
  ['payment-allocated', 'payment'],
  ['payment-unallocated', 'payment'],
]);

/** `invoicing.invoice-issued` → `invoice-issued` */
function nameOf(action: string): string {
  return action.slice(action.indexOf('.') + 1);
}

type Words = ReturnType<typeof useWords<typeof english>>;
type Word = Parameters<Words>[0];

function wordsOf(action: string, t: Words): string {
  const word = `action_${nameOf(action)}`;
  return isWord(word) ? t(word) : action;
}

function isWord(word: string): word is Word {
  return word in english;
}
