import { numberFormat, pluralRules } from '../format/formats.ts';

type Values = Readonly<Record<string, string | number>>;
type Cases = Readonly<Record<string, () => string>>;

/** What compiled messages call: `compile.ts` writes the calls. */
export interface Runtime {
  n(value: unknown): string;
  t(value: unknown): string;
  plural(value: unknown, cases: Cases): string;
  ordinal(value: unknown, cases: Cases): string;
  select(value: unknown, cases: Cases): string;
}

/** A compiled message. In Node, where nothing compiles, it is the ICU text as it stands in the catalogue. */
export type Message = string | ((values: Values, runtime: Runtime) => string);

/** Looks a message up and fills it in. An id that the catalogue lacks does not compile. */
export type Translate<id extends string> = (id: id, values?: Values) => string;

const runtimes = new Map<string, Runtime>();

function runtimeOf(locale: string): Runtime {
  const found = runtimes.get(locale);
  if (found !== undefined) return found;
  const by = (type: 'cardinal' | 'ordinal') => (value: unknown, cases: Cases) => {
    const number = Number(value);
    const exact = cases[`=${number}`];
    return (exact ?? cases[pluralRules(locale, type).select(number)] ?? cases['other'])?.() ?? '';
  };
  const runtime: Runtime = {
    n: (value) => numberFormat(locale).format(Number(value)),
    t: String,
    plural: by('cardinal'),
    ordinal: by('ordinal'),
    select: (value, cases) => (cases[String(value)] ?? cases['other'])?.() ?? '',
  };
  runtimes.set(locale, runtime);
  return runtime;
}

/**
 * The translator of a catalogue.
 *
 * The type of `catalogue` is its JSON's (`{ title: string }`), so ids are checked by the compiler; at run time
 * the build has put compiled messages in the texts' place.
 */
export function translator<catalogue extends Readonly<Record<string, string>>>(
  catalogue: catalogue,
  locale: string,
): Translate<Extract<keyof catalogue, string>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the build replaced texts by what `compileMessage` made of them
  const messages = catalogue as Readonly<Record<string, Message>>;
  return (id, values = {}) => {
    const message = messages[id] ?? id;
    return typeof message === 'string' ? message : message(values, runtimeOf(locale));
  };
}
