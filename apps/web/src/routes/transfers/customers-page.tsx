import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import {
  Button,
  ButtonLink,
  Head,
  Note,
  Progress,
  Steps,
  useLocale,
  useWords,
} from '@plinth/ui/core';
import { count } from '@plinth/ui/format';
import { type PageProps, useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/transfers.json';
import { client } from '../../data/client.ts';
import { invalidate, useCommand } from '../../data/queries.ts';
import { FoundPage } from '../../parts/found-page.tsx';
import { useMe } from '../../shell/session.tsx';
import { type Chosen, ColumnsPanel, type FieldName } from './columns-panel.tsx';
import { ErrorsPanel } from './errors-panel.tsx';
import { FilePanel } from './file-panel.tsx';
import { type CustomersImport, customersImportQuery } from './queries.ts';
import { useCustomerSteps } from './steps.ts';

const fields = [
  'number',
  'name',
  'legalName',
  'vatId',
  'email',
  'phone',
  'street',
  'postalCode',
  'city',
  'region',
  'country',
  'currency',
  'termDays',
  'creditLimit',
  'notes',
] as const satisfies readonly FieldName[];
const required = ['number', 'name', 'country'] as const;

/** A file of customers on its way in. */
export function Page({ params }: PageProps) {
  const t = useWords(english);
  useTitle(t('import_customers'));
  const run = useQuery(customersImportQuery(params['id'] ?? ''));
  return (
    <FoundPage
      query={run}
      title={t('import_customers')}
      list={{ href: '/transfers', label: t('title') }}
    >
      {(found) => <ImportPage found={found} />}
    </FoundPage>
  );
}

function ImportPage({ found }: { readonly found: CustomersImport }) {
  const t = useWords(english);
  const { tenant } = useMe();
  const { id, state } = found;
  const [changed, setChanged] = useState<Chosen | undefined>(undefined);
  const chosen: Chosen = changed ?? found.mapping;
  const missing = required.filter((field) => chosen[field] === undefined);
  const start = useCommand(
    (mapping: Chosen, options) =>
      client.customers.startCustomersImport(
        { id, mapping, defaults: { currency: tenant.currency } },
        options,
      ),
    { done: () => void invalidate('customers'), failed: () => undefined },
  );
  const isFixed = state !== 'uploaded' || start.busy;
  return (
    <div className="page">
      <Head
        title={t('import_customers')}
        crumbs={[{ label: t('title'), href: '/transfers' }]}
        actions={
          <Actions
            state={state}
            busy={start.busy}
            missing={missing}
            onImport={() => start.run(chosen)}
          />
        }
      />
      <Steps
        steps={useCustomerSteps()}
        at={{ uploaded: 1, running: 2, done: 3, failed: 2 }[state]}
      />
      <FilePanel
        fileName={found.fileName}
        columns={found.header.length}
        replaceHref={isFixed ? undefined : '/transfers/customers'}
      >
        <Outcome found={found} />
        {start.problem !== undefined && <Note tone="danger">{start.problem.message}</Note>}
      </FilePanel>
      <Body found={found} chosen={chosen} missing={missing} fixed={isFixed} onChosen={setChanged} />
    </div>
  );
}

interface BodyProps {
  readonly found: CustomersImport;
  readonly chosen: Chosen;
  readonly missing: readonly FieldName[];
  readonly fixed: boolean;
  onChosen(chosen: Chosen): void;
}

function Body({ found, chosen, missing, fixed, onChosen }: BodyProps) {
  return (
    <div className="cols">
      <ColumnsPanel
        header={found.header}
        samples={found.sample}
        fields={fields}
        chosen={chosen}
        missing={missing}
        fixed={fixed}
        onChosen={onChosen}
      />
      {found.rejected > 0 && (
        <div className="c5">
          <ErrorsPanel
            errors={found.errors}
            badRows={found.rejected}
            href={client.customers.rejectedCustomers({ id: found.id }, { format: 'csv' })}
          />
        </div>
      )}
    </div>
  );
}

interface ActionsProps {
  readonly state: CustomersImport['state'];
  readonly busy: boolean;
  readonly missing: readonly FieldName[];
  onImport(): void;
}

function Actions({ state, busy, missing, onImport }: ActionsProps) {
  const t = useWords(english);
  if (state === 'done' || state === 'failed') {
    return (
      <>
        <ButtonLink href="/transfers/customers">{t('another')}</ButtonLink>
        <ButtonLink href="/customers" look="primary">
          {t('to_customers')}
        </ButtonLink>
      </>
    );
  }
  const names = missing.map((field) => t(`field_${field}`)).join(', ');
  return (
    <Button
      look="primary"
      busy={busy || state === 'running'}
      off={missing.length > 0 ? t('missing', { fields: names }) : ''}
      onClick={onImport}
    >
      {t('import')}
    </Button>
  );
}

function Outcome({ found }: { readonly found: CustomersImport }) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { state, rows, created, changed, unchanged, rejected, reason } = found;
  if (state === 'uploaded') return <p className="muted">{t('what_customers')}</p>;
  return (
    <>
      <p className="lock">
        <span className="strong">{t(`state_${state}`)}</span>
        <span className="muted num">{t('rows_read', { n: rows })}</span>
      </p>
      {/* How many rows there are is not known before the end. */}
      {state === 'done' && (
        <Progress label={t('import')} done={1} failed={rows === 0 ? 0 : rejected / rows} />
      )}
      <p className="legend num">
        <span>{t('created', { n: count(created, formats) })}</span>
        <span>{t('changed', { n: count(changed, formats) })}</span>
        <span>{t('unchanged', { n: count(unchanged, formats) })}</span>
        <span className={rejected > 0 ? 'danger strong' : undefined}>
          {t('bad', { n: count(rejected, formats) })}
        </span>
      </p>
      {reason !== null && <Note tone="danger">{reason}</Note>}
    </>
  );
}
