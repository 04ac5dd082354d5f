import { Tabs, useWords } from '@plinth/ui/core';

import english from '../../messages/en/settings.json';

const names = ['users', 'company', 'api'] as const;

/** The pages of the settings, beneath the head of each. */
export function SettingsTabs({ current }: { readonly current: (typeof names)[number] }) {
  const t = useWords(english);
  const tabs = names.map((name) => ({ href: `/settings/${name}`, label: t(name) }));
  return <Tabs label={t('settings')} tabs={tabs} current={`/settings/${current}`} />;
}
