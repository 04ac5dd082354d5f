import { Tabs, useWords } from '@plinth/ui/core';

import english from '../../../messages/en/reports.json';

const names = ['aged', 'revenue', 'forecast'] as const;

export function ReportTabs({ current }: { readonly current: (typeof names)[number] }) {
  const t = useWords(english);
  const tabs = names.map((name) => ({ href: `/reports/${name}`, label: t(name) }));
  return <Tabs label={t('reports')} tabs={tabs} current={`/reports/${current}`} />;
}
