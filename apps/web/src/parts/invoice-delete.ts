import { useToast, useWords } from '@plinth/ui/core';
import { useRouter } from '@plinth/ui/router';

import english from '../../messages/en/invoice-parts.json';
import { client } from '../data/client.ts';
import { useCommand } from '../data/queries.ts';
import { readInvoiceAgain } from './invoice-queries.ts';
import type { InvoiceDetail } from './invoice-state.ts';

/** Deletes a draft and offers to undo it: it comes back under its own id. */
export function useDeleteDraft(): (draft: InvoiceDetail) => void {
  const t = useWords(english);
  const toast = useToast();
  const router = useRouter();
  const restore = useCommand(
    (input: InvoiceDetail, options) =>
      client.invoicing.createDraft({ ...fieldsOf(input), id: input.id }, options),
    {
      done({ id }) {
        toast({ text: t('restored'), tone: 'ok' });
        readInvoiceAgain(id);
        router.navigate(`/invoices/${id}`);
      },
    },
  );
  const remove = useCommand(
    ({ id, version }: InvoiceDetail, options) =>
      client.invoicing.deleteDraft({ id, version }, options),
    {
      done(_, input) {
        router.navigate('/invoices');
        toast({
          text: t('deleted'),
          action: { label: t('undo'), run: () => restore.run(input) },
        });
      },
      failed(problem, { id }) {
        readInvoiceAgain(id);
        toast({ text: problem.message, tone: 'danger' });
      },
    },
  );
  return (draft) => remove.run(draft);
}

/** What a draft says, as `createDraft` takes it. */
function fieldsOf(draft: InvoiceDetail) {
  const { customerId, currency, issueDate, dueDate, reference, note, internalNote, lines } = draft;
  return {
    customerId,
    currency,
    issueDate,
    dueDate,
    ...(reference === null ? {} : { reference }),
    ...(note === null ? {} : { note }),
    ...(internalNote === null ? {} : { internalNote }),
    lines: lines.map(({ description, quantity, unit, unitPriceMinor, taxPpm }) => ({
      description,
      quantity,
      ...(unit === null ? {} : { unit }),
      unitPriceMinor,
      taxPpm,
    })),
  };
}
