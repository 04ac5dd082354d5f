/** How one person reads figures and times. */
export interface Formats {
  /** BCP 47. Without a region English is written day first: `13 Oct 2026`. */
  readonly locale: string;
  /** IANA; instants are shown in it. */
  readonly userZone: string;
  /** IANA; the days of the books are counted in it. */
  readonly tenantZone: string;
}

/** `YYYY-MM-DD`: a day of the books. It has no zone and is never converted. */
export type PlainDate = string;
/** Milliseconds since 1970, UTC. */
export type Instant = number;

const numbers = new Map<string, Intl.NumberFormat>();
const dates = new Map<string, Intl.DateTimeFormat>();
const plurals = new Map<string, Intl.PluralRules>();

/** One object for each locale and options: making one for every cell would cost a frame. */
export function numberFormat(
  locale: string,
  options: Intl.NumberFormatOptions = {},
): Intl.NumberFormat {
  return kept(numbers, locale, options, () => new Intl.NumberFormat(known(locale), options));
}

export function dateFormat(
  locale: string,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  return kept(dates, locale, options, () => new Intl.DateTimeFormat(known(locale), options));
}

export function pluralRules(locale: string, type: 'cardinal' | 'ordinal'): Intl.PluralRules {
  return kept(plurals, locale, { type }, () => new Intl.PluralRules(known(locale), { type }));
}

function kept<format>(
  cache: Map<string, format>,
  locale: string,
  options: object,
  create: () => format,
): format {
  const key = `${locale} ${JSON.stringify(options)}`;
  const found = cache.get(key);
  if (found !== undefined) return found;
  const created = create();
  cache.set(key, created);
  return created;
}

/**
 * English that is no country's own: day first, months of three letters, `1.24M`. Of the regions that CLDR has,
 * this one alone writes all three so (`en-GB` has `Sept` and `1.24m`).
 */
const plainEnglish = 'en-AE';

/** What `Intl` takes: a malformed tag reads as English. */
function known(locale: string): string {
  if (locale === 'en') return plainEnglish;
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? plainEnglish;
  } catch {
    return plainEnglish;
  }
}
