import { ButtonLink, Menu, useToast, useWords } from '@plinth/ui/core';
import { useRouter } from '@plinth/ui/router';

import english from '../../../messages/en/customer.json';
import { client } from '../../data/client.ts';
import { invalidate, useCommand } from '../../data/queries.ts';
import { useCan } from '../../shell/session.tsx';
import { useShortcut } from '../../shell/shortcuts.ts';
import type { Customer } from './queries.ts';

/** What one does with a customer. Archiving is taken back by one click. */
export function CustomerActions({ customer }: { readonly customer: Customer }) {
  const t = useWords(english);
  const can = useCan();
  const { id, archivedAt } = customer;
  const archive = useArchive(customer);
  const writes = can('customers.write');
  const isActive = archivedAt === null;
  const router = useRouter();
  useShortcut('e', () => {
    if (writes) router.navigate(`/customers/${id}/edit`);
  });
  return (
    <>
      {writes && (
        <Menu
          label={t('more')}
          icon="more"
          iconOnly
          className="btn quiet icon"
          items={[
            isActive
              ? { label: t('archive'), icon: 'trash', onSelect: archive.archive }
              : { label: t('restore'), icon: 'undo', onSelect: archive.restore },
          ]}
        />
      )}
      {writes && (
        <ButtonLink href={`/customers/${id}/edit`} icon="edit" shortcut="E">
          {t('edit')}
        </ButtonLink>
      )}
      {can('payments.write') && (
        <ButtonLink href={`/payments/new?customer=${id}`} className="wide-only">
          {t('record_payment')}
        </ButtonLink>
      )}
      {isActive && can('invoicing.write') && (
        <ButtonLink href={`/invoices/new?customer=${id}`} look="primary" icon="plus">
          {t('new_invoice')}
        </ButtonLink>
      )}
    </>
  );
}

function refresh(): void {
  void invalidate('customers');
}

interface Version {
  readonly id: string;
  readonly version: string;
}

function useArchive({ id, version, name }: Customer) {
  const t = useWords(english);
  const toast = useToast();
  const restore = useCommand(
    (input: Version, options) => client.customers.restoreCustomer(input, options),
    {
      done: () => {
        refresh();
        toast({ text: t('restored_toast', { name }) });
      },
    },
  );
  const archive = useCommand(
    (input: Version, options) => client.customers.archiveCustomer(input, options),
    {
      done: (changed) => {
        refresh();
        toast({
          text: t('archived_toast', { name }),
          action: { label: t('undo'), run: () => restore.run(changed) },
        });
      },
    },
  );
  return {
    archive: () => archive.run({ id, version }),
    restore: () => restore.run({ id, version }),
  };
}
