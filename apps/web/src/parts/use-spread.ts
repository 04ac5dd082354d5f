import { useState } from 'react';

import { useLocale } from '@plinth/ui/core';
import { amount } from '@plinth/ui/format';

import { type OpenItem, type SpreadPlan, spreadOldest, spreadTyped } from './spread.ts';

interface SpreadSetup {
  readonly items: readonly OpenItem[];
  /** What there is to spread. */
  readonly minor: number;
  readonly currency: string;
  /** The invoice that the payment is for. */
  readonly first?: string | undefined;
}

export interface SpreadState {
  readonly plan: SpreadPlan;
  readonly first: string | undefined;
  /** What stands in an invoice's field. */
  textOf(invoiceId: string): string;
  /** Typing into one field makes all of them typed, as they stand. */
  type(invoiceId: string, text: string): void;
  /** Gives this invoice what is left, at most what it has open. */
  fill(item: OpenItem): void;
  /** By the rule again. */
  spreadOldest(first?: string): void;
}

/** How money is spread over open invoices: by the rule until somebody types. */
export function useSpread({ items, minor, currency, first: given }: SpreadSetup): SpreadState {
  const { formats } = useLocale();
  const [typed, setTyped] = useState<ReadonlyMap<string, string> | undefined>(undefined);
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const first = chosen ?? given;
  const money = { minor, currency };
  const plan =
    typed === undefined
      ? spreadOldest(items, money, first)
      : spreadTyped(items, money, typed, formats);
  const write = (share: number | undefined) =>
    share === undefined || share === 0 ? '' : amount({ minor: share, currency }, formats);
  const asTyped = () => typed ?? new Map([...plan.shares].map(([id, share]) => [id, write(share)]));
  const type = (invoiceId: string, text: string) =>
    setTyped(new Map(asTyped()).set(invoiceId, text));
  return {
    plan,
    first,
    textOf: (id) => (typed === undefined ? write(plan.shares.get(id)) : (typed.get(id) ?? '')),
    type,
    fill({ invoiceId, openMinor }) {
      const left = plan.restMinor + (plan.shares.get(invoiceId) ?? 0);
      type(invoiceId, write(Math.max(0, Math.min(openMinor, left))));
    },
    spreadOldest(next) {
      setTyped(undefined);
      if (next !== undefined) setChosen(next);
    },
  };
}
