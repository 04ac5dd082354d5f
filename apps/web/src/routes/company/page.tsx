import type { z } from '@plinth/core/z';
import { identity } from '@plinth/identity';
import { Button, ErrorState, Head, Skeleton, useToast, useWords } from '@plinth/ui/core';
import { Form, useForm } from '@plinth/ui/forms';
import { useTitle } from '@plinth/ui/router';
import { useQuery } from '@tanstack/react-query';

import english from '../../../messages/en/company.json';
import { client, session } from '../../data/client.ts';
import { invalidate, prefetch, queryOf } from '../../data/queries.ts';
import { Forbidden } from '../../parts/forbidden.tsx';
import { SettingsTabs } from '../../parts/settings-tabs.tsx';
import { useCan } from '../../shell/session.tsx';
import { CompanyFields } from './fields.tsx';

const companyQuery = queryOf('identity', 'getCompany', {});
const schema = identity.operations.changeCompany.input.omit({ version: true });
type Company = z.output<typeof identity.operations.getCompany.output>;

export function data(): void {
  prefetch(companyQuery);
}

/** Who issues the invoices: what of it changes stands on the next one, never on an old one. */
export function Page() {
  const t = useWords(english);
  const can = useCan();
  useTitle(t('title'));
  const company = useQuery(companyQuery);
  if (!can('identity.admin')) return <Forbidden permission="identity.admin" />;
  return (
    <div className="page">
      <Head title={t('title')} />
      <SettingsTabs current="company" />
      {company.isPending && <Skeleton lines={12} />}
      {company.isError && (
        <ErrorState error={company.error} onRetry={() => void company.refetch()} />
      )}
      {company.data !== undefined && <CompanyForm company={company.data} />}
    </div>
  );
}

function valuesOf({ id: _id, version: _version, createdAt: _made, ...values }: Company) {
  return values;
}

function CompanyForm({ company }: { readonly company: Company }) {
  const t = useWords(english);
  const toast = useToast();
  const form = useForm({
    schema,
    initial: valuesOf(company),
    version: company.version,
    save: (values, { idempotencyKey, ifMatch, signal }) =>
      client.identity.changeCompany(
        { ...values, ...(ifMatch === undefined ? {} : { version: ifMatch }) },
        { key: idempotencyKey, signal },
      ),
    async load() {
      const now = await client.identity.getCompany({});
      return { values: valuesOf(now), version: now.version };
    },
    saved() {
      toast({ text: t('saved'), tone: 'ok' });
      void invalidate('identity', 'getCompany');
      void readMe();
    },
  });
  return (
    <Form form={form} className="grid gap-4 mt-4">
      <CompanyFields form={form} />
      <div>
        <Button type="submit" look="primary" busy={form.busy}>
          {t('save')}
        </Button>
      </div>
    </Form>
  );
}

/** The name is in the header, the formats are everywhere. */
async function readMe(): Promise<void> {
  session.begin(await client.identity.whoAmI({}));
}
