import { useQuery } from '@tanstack/react-query';

import { ErrorState, Panel, Skeleton, useWords } from '@plinth/ui/core';

import english from '../../../messages/en/notices.json';
import { client } from '../../data/client.ts';
import { queryClient, useCommand } from '../../data/queries.ts';
import { type Preferences, preferencesQuery } from './queries.ts';

type Item = Preferences['items'][number];

/** One switch a type; each is saved at once. */
export function PreferencesPanel() {
  const t = useWords(english);
  const preferences = useQuery(preferencesQuery);
  const save = useCommand(
    (item: Item, options) => client.notifications.setNoticePreferences({ items: [item] }, options),
    {
      done({ version }, item) {
        queryClient.setQueryData<Preferences>(preferencesQuery.queryKey, (old) =>
          old === undefined
            ? undefined
            : { version, items: old.items.map((one) => (one.type === item.type ? item : one)) },
        );
      },
    },
  );
  return (
    <Panel title={t('preferences')}>
      {preferences.isPending && <Skeleton lines={5} />}
      {preferences.isError && (
        <ErrorState error={preferences.error} onRetry={() => void preferences.refetch()} />
      )}
      <div className="grid gap-2">
        {preferences.data?.items.map(({ type, inApp }) => (
          <label key={type} className="check">
            <input
              className="box"
              type="checkbox"
              checked={inApp}
              onChange={({ currentTarget }) => save.run({ type, inApp: currentTarget.checked })}
            />
            <span>{t(`pref_${type}`)}</span>
          </label>
        ))}
      </div>
    </Panel>
  );
}
