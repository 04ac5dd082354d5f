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

import english from '../../../messages/en/customer.json';
import { queryOf } from '../../data/queries.ts';

const entriesMax = 100;

/** Who changed the customer: the audit trail's entries of it, newest first. */
export function HistoryTab({ id }: { readonly id: string }) {
  const t = useWords(english);
  const { formats } = useLocale();
  const f = [`object:eq:${id}`];
  const entries = useQuery(queryOf('audit', 'listEntries', { f, sort: '-at', limit: entriesMax }));
  if (entries.isPending) return <Skeleton lines={6} />;
  if (entries.isError) {
    return <ErrorState error={entries.error} onRetry={() => void entries.refetch()} />;
  }
  const { items } = entries.data;
  if (items.length === 0) return <Empty title={t('history_none')} icon="clock" />;
  const more = `/activity?f=${encodeURIComponent(`object:eq:${id}`)}`;
  return (
    <Panel title={t('tab_history')} more={<a href={more}>{t('history_all')}</a>}>
      <Timeline
        events={items.map(({ id: entryId, action, actorKind, actorName, at }) => ({
          id: entryId,
          icon: icons.get(action) ?? 'clock',
          text: wordsOf(action, t),
          detail: actorKind === 'system' ? t('by_system') : actorName,
          time: instant(Date.parse(at), formats),
        }))}
      />
    </Panel>
  );
}

const icons: ReadonlyMap<string, IconName> = new Map([
  ['customers.customer-created', 'plus'],
  ['customers.customer-changed', 'edit'],
  ['customers.customer-archived', 'trash'],
  ['customers.customer-restored', 'undo'],
]);

type Words = ReturnType<typeof useWords<typeof english>>;
type Word = Parameters<Words>[0];

function wordsOf(action: string, t: Words): string {
  const word = `action_${action.slice(action.indexOf('.') + 1)}`;
  return isWord(word) ? t(word) : action;
}

function isWord(word: string): word is Word {
  return word in english;
}
