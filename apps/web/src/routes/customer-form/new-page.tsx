import { customers } from '@plinth/customers';
import { Button, ButtonLink, Head, useToast, useWords } from '@plinth/ui/core';
import { Form, useForm } from '@plinth/ui/forms';
import { useRouter, useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/customer-form.json';
import { client } from '../../data/client.ts';
import { invalidate } from '../../data/queries.ts';
import { Forbidden } from '../../parts/forbidden.tsx';
import { useCan, useMe } from '../../shell/session.tsx';
import { CustomerFields } from './fields.tsx';
import { blankCustomer } from './values.ts';

export function Page() {
  const can = useCan();
  return can('customers.write') ? <NewCustomer /> : <Forbidden permission="customers.write" />;
}

function NewCustomer() {
  const t = useWords(english);
  const toast = useToast();
  const router = useRouter();
  const { tenant } = useMe();
  useTitle(t('new_title'));
  const form = useForm({
    schema: customers.operations.createCustomer.input,
    initial: blankCustomer(tenant.currency),
    save: (values, { idempotencyKey, signal }) =>
      client.customers.createCustomer(values, { key: idempotencyKey, signal }),
    saved({ id }) {
      toast({ text: t('created', { name: String(form.store.get('name')) }), tone: 'ok' });
      void invalidate('customers');
      router.navigate(`/customers/${id}`, { replace: true });
    },
  });
  return (
    <div className="page">
      <Form form={form}>
        <Head
          title={t('new_title')}
          crumbs={[{ label: t('customers'), href: '/customers' }]}
          actions={
            <>
              <ButtonLink href="/customers">{t('cancel')}</ButtonLink>
              <Button type="submit" look="primary" busy={form.busy}>
                {t('create')}
              </Button>
            </>
          }
        />
        <CustomerFields form={form} isNew />
      </Form>
    </div>
  );
}
