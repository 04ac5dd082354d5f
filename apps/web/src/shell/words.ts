import { useMemo } from 'react';

import { useLocale } from '@plinth/ui/core';
import { type Translate, translator } from '@plinth/ui/i18n';

/** The words of a page's catalogue: `const t = useWords(english); t('title')`. Ids are checked by the compiler. */
export function useWords<catalogue extends Readonly<Record<string, string>>>(
  catalogue: catalogue,
): Translate<Extract<keyof catalogue, string>> {
  const { locale } = useLocale().formats;
  return useMemo(() => translator(catalogue, locale), [catalogue, locale]);
}
