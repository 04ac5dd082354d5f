/** What a person writes about a customer. */
export interface CustomerFields {
  readonly name: string;
  readonly legalName: string | null;
  readonly vatId: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly street: string | null;
  readonly postalCode: string | null;
  readonly city: string | null;
  readonly region: string | null;
  readonly country: string;
  readonly currency: string;
  readonly termDays: number;
  /** In the customer's currency; null: none. */
  readonly creditLimitMinor: number | null;
  readonly notes: string | null;
}

export interface Customer extends CustomerFields {
  readonly id: string;
  readonly version: number;
  readonly number: string;
  readonly archivedAt: string | null;
  readonly createdAt: string;
  readonly changedAt: string;
}

/** As text; null: it was or is absent. */
export interface Change {
  readonly field: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** Only what is given; a key that is absent or undefined keeps the present value. */
export type Patch<fields> = { readonly [name in keyof fields]?: fields[name] | undefined };

type Named = CustomerFields & { readonly number: string };

const termDaysDefault = 30;

export const emptyFields: Omit<CustomerFields, 'name' | 'country' | 'currency'> = {
  legalName: null,
  vatId: null,
  email: null,
  phone: null,
  street: null,
  postalCode: null,
  city: null,
  region: null,
  termDays: termDaysDefault,
  creditLimitMinor: null,
  notes: null,
};

export function merge<fields extends object>(
  before: fields,
  patch: Patch<NoInfer<fields>>,
): fields {
  const given = Object.entries(patch).filter(([, value]) => value !== undefined);
  return { ...before, ...Object.fromEntries(given) };
}

export function changesBetween(before: Named, after: Named): Change[] {
  const names = ['number', 'name', 'country', 'currency', ...Object.keys(emptyFields)];
  return names.flatMap((field) => {
    const from: unknown = Reflect.get(before, field);
    const to: unknown = Reflect.get(after, field);
    return from === to ? [] : [{ field, from: asText(from), to: asText(to) }];
  });
}

/** `C-000123`: numbers that we give; gaps are allowed. */
export function formatNumber(count: number): string {
  return `C-${String(count).padStart(6, '0')}`;
}

function asText(value: unknown): string | null {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null;
}
