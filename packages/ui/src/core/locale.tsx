import { createContext, useContext, useMemo } from 'react';

import {
  amount,
  codeStands,
  type Formats,
  type Money as MoneyValue,
  type PlainDate,
} from '../format/index.ts';
import { type Translate, translator } from '../i18n/messages.ts';
import english from '../messages/en.json';
import type { ComponentChildren } from './children.ts';

/** Ids of the kit's own words: `close`, `retry`, … */
export type KitWord = Extract<keyof typeof english, string>;

/** How the person at the screen reads: formats, the words of the kit, and the server's today. */
export interface Locale {
  readonly formats: Formats;
  /** Today in the tenant's zone, as the server says: the device's clock may be wrong. */
  readonly today: PlainDate;
  readonly words: Translate<KitWord>;
}

const plainLocale: Locale = {
  formats: { locale: 'en', userZone: 'UTC', tenantZone: 'UTC' },
  today: '1970-01-01',
  words: translator(english, 'en'),
};

const LocaleContext = createContext<Locale>(plainLocale);

interface LocaleProviderProps {
  readonly formats: Formats;
  readonly today: PlainDate;
  readonly children: ComponentChildren;
}

export function LocaleProvider({ formats, today, children }: LocaleProviderProps) {
  const locale = useMemo(
    () => ({ formats, today, words: translator(english, formats.locale) }),
    [formats, today],
  );
  return <LocaleContext.Provider value={locale}>{children}</LocaleContext.Provider>;
}

export function useLocale(): Locale {
  return useContext(LocaleContext);
}

/** The words of a catalogue: `const t = useWords(english); t('title')`. Ids are checked by the compiler. */
export function useWords<catalogue extends Readonly<Record<string, string>>>(
  catalogue: catalogue,
): Translate<Extract<keyof catalogue, string>> {
  const { locale } = useLocale().formats;
  return useMemo(() => translator(catalogue, locale), [catalogue, locale]);
}

interface MoneyProps {
  readonly minor: number;
  readonly currency: string;
  /** Dashboard figures: no decimals. */
  readonly whole?: boolean | undefined;
  /** The amount alone, where the currency is said elsewhere. */
  readonly bare?: boolean | undefined;
}

/** An amount in tabular figures, its currency's code muted where the locale puts it. */
export function Money({ minor, currency, whole = false, bare = false }: MoneyProps) {
  const { formats } = useLocale();
  const value: MoneyValue = { minor, currency };
  const figures = amount(value, formats, { whole });
  if (bare) return <span className="num">{figures}</span>;
  return codeStands(formats) === 'before' ? (
    <span className="num">
      <span className="cur">{currency}</span>
      {figures}
    </span>
  ) : (
    <span className="num">
      {figures}
      <span className="cur after">{currency}</span>
    </span>
  );
}
