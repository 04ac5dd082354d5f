import { useMemo } from 'react';

import { ButtonLink, Empty, Facts, Money, useWords } from '@plinth/ui/core';
import { useRouter } from '@plinth/ui/router';

import english from '../../../messages/en/customers.json';
import { client } from '../../data/client.ts';
import { ownCurrencyFirst } from '../../parts/own-currency-first.ts';
import { ListPage } from '../../parts/list-page.tsx';
import { useCan, useMe } from '../../shell/session.tsx';
import { useShortcut } from '../../shell/shortcuts.ts';
import { customerColumns } from './columns.ts';
import type { CustomerRow } from './rows.ts';
import { views } from './views.ts';

const topics = { changed: ['customers.'], created: ['customers.customer-created'] };
const defaults = { filter: [], sort: [{ field: 'name', descending: false }], columns: [] };

/** All customers with what they owe. */
export function Page() {
  const t = useWords(english);
  const can = useCan();
  const router = useRouter();
  const { tenant } = useMe();
  const writes = can('customers.write');
  const api = useMemo(
    () => ({
      page: client.customers.listCustomers,
      rows: client.customers.customerRows,
      summary: ownCurrencyFirst(tenant.currency, client.customers.summarizeCustomers),
    }),
    [tenant.currency],
  );
  useShortcut('n', () => {
    if (writes) router.navigate('/customers/new');
  });
  const columns = useMemo(() => customerColumns(t, tenant.currency), [t, tenant.currency]);
  const shownViews = useMemo(
    () => views.map(({ id, filter }) => ({ id, filter, label: t(`view_${id}`) })),
    [t],
  );
  return (
    <ListPage<CustomerRow>
      title={t('title')}
      name="customers"
      api={api}
      topics={topics}
      columns={columns}
      defaults={defaults}
      views={shownViews}
      rowName={({ name }) => name}
      href={(id) => `/customers/${id}`}
      preview={previewOf}
      {...(can('exports.all') ? { exportHref } : {})}
      {...(can('imports.write') ? { importHref: '/transfers/customers' } : {})}
      actions={
        writes && (
          <ButtonLink href="/customers/new" look="primary" icon="plus" shortcut="N">
            {t('new')}
          </ButtonLink>
        )
      }
      empty={<FirstUse writes={writes} />}
    />
  );
}

function exportHref(input: { f?: string[]; sort?: string }): string {
  return client.customers.exportCustomers(input, { format: 'csv' });
}

function previewOf(row: CustomerRow) {
  return { body: <Preview row={row} />, footer: <PreviewActions row={row} /> };
}

/** What the row itself knows: nothing has to be asked for. */
function Preview({ row }: { readonly row: CustomerRow }) {
  const t = useWords(english);
  const { number, city, country, email, termDays, creditLimitMinor, currency } = row;
  const bare = (minor: number) => <Money minor={minor} currency={currency} bare />;
  return (
    <>
      <section>
        <p className="muted">{t('balance')}</p>
        <p className="figure num">
          <Money minor={row.balanceMinor} currency={currency} />
        </p>
      </section>
      <section>
        <Facts
          items={[
            [
              t('overdue'),
              <span className={row.overdueMinor > 0 ? 'danger' : 'muted'}>
                {bare(row.overdueMinor)}
              </span>,
            ],
            ...(creditLimitMinor === null ? [] : [[t('limit'), bare(creditLimitMinor)] as const]),
            [t('terms'), t('terms_days', { n: termDays })],
            [t('number'), <span className="num">{number}</span>],
            [t('city'), [city, country].filter(Boolean).join(', ')],
            ...(email === null
              ? []
              : [[t('email'), <a href={`mailto:${email}`}>{email}</a>] as const]),
          ]}
        />
      </section>
    </>
  );
}

function PreviewActions({ row }: { readonly row: CustomerRow }) {
  const t = useWords(english);
  const can = useCan();
  if (row.archived || !can('invoicing.write')) {
    return <ButtonLink href={`/customers/${row.id}`}>{t('open_page')}</ButtonLink>;
  }
  return (
    <ButtonLink look="primary" href={`/invoices/new?customer=${row.id}`} icon="plus">
      {t('new_invoice')}
    </ButtonLink>
  );
}

function FirstUse({ writes }: { readonly writes: boolean }) {
  const t = useWords(english);
  const begin = (
    <ButtonLink href="/customers/new" look="primary" icon="plus">
      {t('new')}
    </ButtonLink>
  );
  return (
    <Empty title={t('empty')} icon="people" actions={writes ? begin : undefined}>
      {t(writes ? 'empty_text' : 'empty_read')}
    </Empty>
  );
}
