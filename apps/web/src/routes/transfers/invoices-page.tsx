import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { type Field, findColumns, type Mapping, missingFields } from '@plinth/invoicing/browser';
import { Button, ButtonLink, Head, Note, Steps, useWords } from '@plinth/ui/core';
import { type PageProps, useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/transfers.json';
import { client } from '../../data/client.ts';
import { queryClient, useCommand } from '../../data/queries.ts';
import { FoundPage } from '../../parts/found-page.tsx';
import { useMe } from '../../shell/session.tsx';
import { type Chosen, ColumnsPanel } from './columns-panel.tsx';
import { ErrorsPanel } from './errors-panel.tsx';
import { FilePanel } from './file-panel.tsx';
import { type ImportSettings, type InvoicesImport, invoicesImportQuery } from './queries.ts';
import { RunProgress } from './run-progress.tsx';
import { SettingsPanel } from './settings-panel.tsx';
import { useInvoiceSteps } from './steps.ts';

const fields: readonly Field[] = [
  'number',
  'date',
  'customer',
  'customerName',
  'country',
  'currency',
  'dueDate',
  'total',
  'item',
  'description',
  'quantity',
  'unitPrice',
];
const usualTermDays = 30;

/** A file of invoices on its way in: mapped, checked without booking anything, then booked. */
export function Page({ params }: PageProps) {
  const t = useWords(english);
  useTitle(t('import_invoices'));
  const run = useQuery(invoicesImportQuery(params['id'] ?? ''));
  return (
    <FoundPage
      query={run}
      title={t('import_invoices')}
      list={{ href: '/transfers', label: t('title') }}
    >
      {(found) => <ImportPage found={found} />}
    </FoundPage>
  );
}

type Mode = 'check' | 'book';

function ImportPage({ found }: { readonly found: InvoicesImport }) {
  const t = useWords(english);
  const plan = usePlan(found);
  const { settings, chosen, missing } = plan;
  const [mode, setMode] = useState<Mode>('check');
  const run = useRun(found.id, setMode);
  const { state, counts, errors } = found;
  const isFixed = state === 'running' || state === 'done' || run.busy;
  const start = (wanted: Mode) => run.run({ mode: wanted, settings });
  return (
    <div className="page">
      <Head
        title={t('import_invoices')}
        crumbs={[{ label: t('title'), href: '/transfers' }]}
        actions={<Actions found={found} plan={plan} busy={run.busy} onRun={start} />}
      />
      <Steps steps={useInvoiceSteps()} at={stepOf(state, mode)} />
      <FilePanel
        fileName={found.fileName}
        bytes={found.bytes}
        columns={found.header.length}
        replaceHref={isFixed ? undefined : '/transfers/invoices'}
      >
        <RunProgress found={found} mode={mode} />
        {found.failure !== null && <Note tone="danger">{found.failure}</Note>}
        {run.problem !== undefined && <Note tone="danger">{run.problem.message}</Note>}
      </FilePanel>
      <div className="cols">
        <ColumnsPanel
          header={found.header}
          samples={found.preview}
          fields={fields}
          chosen={chosen}
          missing={missing}
          fixed={isFixed}
          onChosen={plan.choose}
        />
        <div className="c5 grid gap-4 content-start">
          {counts.badRows > 0 && (
            <ErrorsPanel
              errors={errors}
              badRows={counts.badRows}
              href={client.invoicing.exportImportRejects({ id: found.id }, { format: 'csv' })}
            />
          )}
          <SettingsPanel settings={settings} fixed={isFixed} onSettings={plan.change} />
        </div>
      </div>
    </div>
  );
}

function stepOf(state: InvoicesImport['state'], mode: Mode): number {
  if (state === 'done') return 4;
  if (state === 'running') return mode === 'book' ? 3 : 2;
  return state === 'checked' ? 2 : 1;
}

interface Wanted {
  readonly mode: Mode;
  readonly settings: ImportSettings;
}

function useRun(id: string, onMode: (mode: Mode) => void) {
  return useCommand(
    ({ mode, settings }: Wanted, options) =>
      client.invoicing.runImport({ id, mode, settings }, options),
    {
      done(now, { mode }) {
        onMode(mode);
        queryClient.setQueryData(invoicesImportQuery(id).queryKey, now);
      },
      // It stands in the page.
      failed: () => undefined,
    },
  );
}

type Plan = ReturnType<typeof usePlan>;

/** How the file is to be read: what the server suggests until somebody changes it. */
function usePlan({ header, suggested, settings: kept }: InvoicesImport) {
  const { tenant, today } = useMe();
  const [changed, setChanged] = useState<Partial<ImportSettings>>({});
  const [columns, setColumns] = useState<Chosen | undefined>(undefined);
  const base: ImportSettings = kept ?? {
    mapping: suggested ?? 'invoice-rows',
    dateOrder: 'iso',
    currency: tenant.currency,
    termDays: usualTermDays,
    settledBefore: null,
    country: 'GB',
  };
  const chosen = columns ?? guess(header, kept?.columns ?? {});
  const mapping: Mapping = changed.mapping ?? base.mapping;
  // A field without a column is said to have none: else the server would look for one by name.
  const all = Object.fromEntries(fields.map((field) => [field, chosen[field] ?? '']));
  const settings: ImportSettings = { ...base, ...changed, columns: all };
  return {
    today,
    chosen,
    settings,
    missing: missingFields(mapping, findColumns(header, all)),
    /** Differs from what the last run read. */
    isChanged: columns !== undefined || Object.keys(changed).length > 0,
    choose: setColumns,
    change: (part: Partial<ImportSettings>) => setChanged({ ...changed, ...part }),
    settle() {
      setChanged({});
      setColumns(undefined);
    },
  };
}

function guess(header: readonly string[], kept: Readonly<Record<string, string>>): Chosen {
  const found = findColumns(header, kept);
  return Object.fromEntries([...found].map(([field, at]) => [field, header[at] ?? '']));
}

interface ActionsProps {
  readonly found: InvoicesImport;
  readonly plan: Plan;
  readonly busy: boolean;
  onRun(mode: Mode): void;
}

function Actions({ found: { state, counts }, plan, busy, onRun }: ActionsProps) {
  const t = useWords(english);
  if (state === 'done') {
    return (
      <>
        <ButtonLink href="/transfers/invoices">{t('another')}</ButtonLink>
        <ButtonLink href="/invoices" look="primary">
          {t('to_invoices')}
        </ButtonLink>
      </>
    );
  }
  const running = busy || state === 'running';
  const off =
    plan.missing.length > 0
      ? t('missing', { fields: plan.missing.map((field) => t(`field_${field}`)).join(', ') })
      : '';
  const isChecked = state === 'checked' && !plan.isChanged;
  const check = () => {
    onRun('check');
    plan.settle();
  };
  return isChecked ? (
    <>
      <Button onClick={check}>{t('check_again')}</Button>
      <Button
        look="primary"
        busy={running}
        off={counts.documents + counts.creditNotes === 0 ? t('check_first') : ''}
        onClick={() => onRun('book')}
      >
        {t('import_good')}
      </Button>
    </>
  ) : (
    <Button look="primary" busy={running} off={off} onClick={check}>
      {t(state === 'checked' ? 'check_again' : 'check')}
    </Button>
  );
}
