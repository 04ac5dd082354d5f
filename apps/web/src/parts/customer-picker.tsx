import { useRef } from 'react';

import { ComboField, type FormState } from '@plinth/ui/forms';

import { client } from '../data/client.ts';

type Found = Awaited<ReturnType<typeof client.customers.suggestCustomers>>['items'][number];
/** What a document needs to know of the customer that was picked. */
export type PickedCustomer = Pick<Found, 'id' | 'name' | 'currency' | 'termDays'>;

interface CustomerPickerProps {
  readonly form: FormState;
  /** Path of the customer's id. */
  readonly name: string;
  readonly label: string;
  /** The name of the customer that it begins with. */
  readonly initialLabel?: string | undefined;
  readonly span?: 4 | 6 | 8 | undefined;
  readonly hint?: string | undefined;
  readonly autoFocus?: boolean | undefined;
  onPicked?(customer: PickedCustomer): void;
}

/** A customer by name, number or city: archived ones are not offered. */
export function CustomerPicker({ onPicked, ...props }: CustomerPickerProps) {
  const found = useRef<readonly Found[]>([]);
  return (
    <ComboField
      {...props}
      load={async (q, signal) => {
        const { items } = await client.customers.suggestCustomers({ q }, { signal });
        found.current = items;
        return items.map(({ id, name, number, city }) => ({
          value: id,
          label: name,
          detail: [number, city].filter(Boolean).join(' · '),
        }));
      }}
      onChosen={({ value }) => {
        const picked = found.current.find(({ id }) => id === value);
        if (picked !== undefined) onPicked?.(picked);
      }}
    />
  );
}
