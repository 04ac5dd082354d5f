import { useQuery } from '@tanstack/react-query';
import type { z } from '@plinth/core/z';

import type { customers } from '@plinth/customers';
import { Button, ButtonLink, Head, useToast, useWords } from '@plinth/ui/core';
import { Form, useForm } from '@plinth/ui/forms';
import { type PageProps, useRouter, useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/customer-form.json';
import { client } from '../../data/client.ts';
import { invalidate, queryOf } from '../../data/queries.ts';
import { Forbidden } from '../../parts/forbidden.tsx';
import { FoundPage } from '../../parts/found-page.tsx';
import { useCan } from '../../shell/session.tsx';
import { CustomerFields } from './fields.tsx';
import { changeSchema, fieldsOf } from './values.ts';

type Customer = z.output<typeof customers.operations.getCustomer.output>;

export function Page({ params }: PageProps) {
  const t = useWords(english);
  const can = useCan();
  const customer = useQuery(queryOf('customers', 'getCustomer', { id: params['id'] ?? '' }));
  if (!can('customers.write')) return <Forbidden permission="customers.write" />;
  return (
    <FoundPage
      query={customer}
      title={t('edit_title')}
      list={{ href: '/customers', label: t('customers') }}
    >
      {(found) => <EditCustomer customer={found} />}
    </FoundPage>
  );
}

function EditCustomer({ customer }: { readonly customer: Customer }) {
  const t = useWords(english);
  const toast = useToast();
  const router = useRouter();
  const { id, name } = customer;
  useTitle(name);
  const form = useForm({
    schema: changeSchema,
    initial: fieldsOf(customer),
    version: customer.version,
    save: (values, { idempotencyKey, ifMatch, signal }) =>
      client.customers.changeCustomer(
        { id, ...values, ...(ifMatch === undefined ? {} : { version: ifMatch }) },
        { key: idempotencyKey, signal },
      ),
    saved() {
      toast({ text: t('saved'), tone: 'ok' });
      void invalidate('customers');
      router.navigate(`/customers/${id}`, { replace: true });
    },
    async load() {
      const now = await client.customers.getCustomer({ id });
      return { values: fieldsOf(now), version: now.version };
    },
  });
  return (
    <div className="page">
      <Form form={form}>
        <Head
          title={t('edit_title')}
          crumbs={[
            { label: t('customers'), href: '/customers' },
            { label: name, href: `/customers/${id}` },
          ]}
          actions={
            <>
              <ButtonLink href={`/customers/${id}`}>{t('cancel')}</ButtonLink>
              <Button type="submit" look="primary" busy={form.busy}>
                {t('save')}
              </Button>
            </>
          }
        />
        <CustomerFields form={form} isNew={false} />
      </Form>
    </div>
  );
}
