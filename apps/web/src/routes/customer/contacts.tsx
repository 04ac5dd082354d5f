import { lazy, Suspense, useState } from 'react';

import { Button, Empty, Panel, useWords } from '@plinth/ui/core';

import english from '../../../messages/en/customer.json';
import { useCan } from '../../shell/session.tsx';
import type { Customer } from './queries.ts';

const ContactsDialog = lazy(async () => {
  const module = await import('./contacts-dialog.tsx');
  return { default: module.ContactsDialog };
});

/** The people at the customer. */
export function ContactsTab({ customer }: { readonly customer: Customer }) {
  const t = useWords(english);
  const can = useCan();
  const [edited, setEdited] = useState(false);
  const { contacts } = customer;
  const edit = can('customers.write') && (
    <Button
      look={contacts.length === 0 ? 'primary' : 'quiet'}
      icon="edit"
      onClick={() => setEdited(true)}
    >
      {t(contacts.length === 0 ? 'contacts_add' : 'contacts_edit')}
    </Button>
  );
  return (
    <>
      {contacts.length === 0 ? (
        <Empty title={t('no_contacts')} icon="people" actions={edit}>
          {t('no_contacts_text')}
        </Empty>
      ) : (
        <Panel title={t('tab_contacts')} flush more={edit}>
          <ul className="list">
            {contacts.map(({ name, position, email, phone }) => (
              <li key={`${name} ${email ?? ''} ${phone ?? ''}`}>
                <div className="t">
                  <span className="strong">
                    <bdi>{name}</bdi>
                  </span>
                  {position !== null && <small>{position}</small>}
                </div>
                {email !== null && <a href={`mailto:${email}`}>{email}</a>}
                {phone !== null && (
                  <a className="num" href={`tel:${phone}`}>
                    {phone}
                  </a>
                )}
              </li>
            ))}
          </ul>
        </Panel>
      )}
      {edited && (
        <Suspense fallback={null}>
          <ContactsDialog customer={customer} onClose={() => setEdited(false)} />
        </Suspense>
      )}
    </>
  );
}
