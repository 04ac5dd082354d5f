import { type MenuEntry, useToast, useWords } from '@plinth/ui/core';
import { useRouter } from '@plinth/ui/router';

import english from '../../../messages/en/draft.json';
import { client } from '../../data/client.ts';
import { useCommand } from '../../data/queries.ts';
import { keepInvoice } from '../../parts/invoice-queries.ts';
import type { InvoiceDetail } from '../../parts/invoice-state.ts';
import { useDeleteDraft } from '../../parts/invoice-delete.ts';

/** What else can be done with a draft that the server has. */
export function useDraftMenu(stored: InvoiceDetail | undefined): readonly MenuEntry[] {
  const t = useWords(english);
  const router = useRouter();
  const toast = useToast();
  const remove = useDeleteDraft();
  const duplicate = useCommand(
    (input: { id: string }, options) => client.invoicing.duplicateInvoice(input, options),
    {
      done(draft) {
        keepInvoice(draft);
        toast({ text: t('duplicate'), tone: 'ok' });
        router.navigate(`/invoices/${draft.id}/edit`);
      },
    },
  );
  if (stored === undefined || stored.status !== 'draft') return [];
  return [
    { label: t('duplicate'), icon: 'copy', onSelect: () => duplicate.run({ id: stored.id }) },
    null,
    { label: t('delete'), icon: 'trash', danger: true, onSelect: () => remove(stored) },
  ];
}
