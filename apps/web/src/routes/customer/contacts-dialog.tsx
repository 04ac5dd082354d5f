import { customers } from '@plinth/customers';
import { Button, Dialog, useToast, useWords } from '@plinth/ui/core';
import { FormFaults, type LineColumn, LinesTable, TextField, useForm } from '@plinth/ui/forms';

import english from '../../../messages/en/customer.json';
import { client } from '../../data/client.ts';
import { invalidate } from '../../data/queries.ts';
import type { Customer } from './queries.ts';

interface ContactsDialogProps {
  readonly customer: Customer;
  onClose(): void;
}

const contactsMax = 50;
const schema = customers.operations.setContacts.input.pick({ contacts: true });

export function ContactsDialog({ customer, onClose }: ContactsDialogProps) {
  const t = useWords(english);
  const toast = useToast();
  const { id, version, contacts } = customer;
  const form = useForm({
    schema,
    initial: { contacts: contacts.length === 0 ? [blank()] : [...contacts] },
    version,
    save: (values, { idempotencyKey, ifMatch, signal }) =>
      client.customers.setContacts(
        { id, ...values, ...(ifMatch === undefined ? {} : { version: ifMatch }) },
        { key: idempotencyKey, signal },
      ),
    saved() {
      toast({ text: t('contacts_saved') });
      void invalidate('customers');
      onClose();
    },
  });
  const cell = (name: 'contact_name' | 'contact_position' | 'email' | 'phone', nullable: boolean) =>
    ((path) => (
      <TextField form={form} name={path} label={t(name)} bare nullable={nullable} />
    )) satisfies LineColumn['cell'];
  return (
    <Dialog
      title={t(contacts.length === 0 ? 'contacts_add' : 'contacts_edit')}
      wide
      onClose={onClose}
      onSubmit={() => form.submit()}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" look="primary" busy={form.busy}>
            {t('save')}
          </Button>
        </>
      }
    >
      <FormFaults form={form} />
      <LinesTable
        form={form}
        name="contacts"
        label={t('tab_contacts')}
        linesMax={contactsMax}
        create={blank}
        columns={[
          { id: 'name', label: t('contact_name'), cell: cell('contact_name', false) },
          { id: 'position', label: t('contact_position'), cell: cell('contact_position', true) },
          { id: 'email', label: t('email'), cell: cell('email', true) },
          { id: 'phone', label: t('phone'), cell: cell('phone', true) },
        ]}
      />
    </Dialog>
  );
}

function blank() {
  return { name: '', position: null, email: null, phone: null };
}
