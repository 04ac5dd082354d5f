import { useWords } from '@plinth/ui/core';

import english from '../../messages/en/payment-parts.json';

/** How money can come; `opening` is what an import brought along. */
export const methods = [
  'transfer',
  'card',
  'direct-debit',
  'cash',
  'cheque',
  'opening',
  'other',
] as const;

/** The name of a method in words: `useMethod()('direct-debit')`. */
export function useMethod(): (method: string) => string {
  const t = useWords(english);
  return (method) => {
    const known = methods.find((one) => one === method);
    return known === undefined ? method : t(`method_${known}`);
  };
}
