import { useQuery } from '@tanstack/react-query';

import {
  ButtonLink,
  Chip,
  Empty,
  ErrorState,
  Head,
  Panel,
  Skeleton,
  type Tone,
  useLocale,
  useWords,
} from '@plinth/ui/core';
import { instant } from '@plinth/ui/format';
import { useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/transfers.json';
import { prefetch, queryOf } from '../../data/queries.ts';
import { Forbidden } from '../../parts/forbidden.tsx';
import { useCan } from '../../shell/session.tsx';

const invoicesQuery = queryOf('invoicing', 'listImports', { limit: 50 });
const customersQuery = queryOf('customers', 'listCustomersImports', {});

export function data(): void {
  prefetch(invoicesQuery);
  prefetch(customersQuery);
}

/** All that was imported, and the way to import more. */
export function Page() {
  const t = useWords(english);
  const can = useCan();
  useTitle(t('title'));
  if (!can('imports.write')) return <Forbidden permission="imports.write" />;
  return (
    <div className="page">
      <Head title={t('title')} actions={<Begin />} />
      <div className="mt-4">
        <Imports />
      </div>
    </div>
  );
}

function Begin() {
  const t = useWords(english);
  return (
    <>
      <ButtonLink href="/transfers/customers" icon="import">
        {t('import_customers')}
      </ButtonLink>
      <ButtonLink href="/transfers/invoices" look="primary" icon="import">
        {t('import_invoices')}
      </ButtonLink>
    </>
  );
}

interface Line {
  readonly id: string;
  readonly kind: 'invoices' | 'customers';
  readonly fileName: string;
  readonly state: keyof typeof tones;
  readonly rows: number;
  readonly bad: number;
  readonly createdAt: string;
}

const tones = {
  uploaded: 'neutral',
  running: 'info',
  checked: 'info',
  done: 'ok',
  failed: 'danger',
} as const satisfies Readonly<Record<string, Tone>>;

function Imports() {
  const t = useWords(english);
  const invoices = useQuery(invoicesQuery);
  const customers = useQuery(customersQuery);
  const failed = [invoices, customers].find(({ isError }) => isError);
  if (failed !== undefined) {
    return <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />;
  }
  if (invoices.data === undefined || customers.data === undefined) return <Skeleton lines={8} />;
  const lines: readonly Line[] = [
    ...invoices.data.items.map(({ counts, ...one }) => ({
      ...one,
      kind: 'invoices' as const,
      rows: counts.rows,
      bad: counts.badRows,
    })),
    ...customers.data.items.map((one) => ({
      ...one,
      kind: 'customers' as const,
      bad: one.rejected,
    })),
  ].toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  if (lines.length === 0) {
    return (
      <Empty title={t('empty')} icon="transfer" actions={<Begin />}>
        {t('empty_text')}
      </Empty>
    );
  }
  return <ImportsTable lines={lines} />;
}

function ImportsTable({ lines }: { readonly lines: readonly Line[] }) {
  const t = useWords(english);
  const { formats } = useLocale();
  return (
    <Panel title={t('import')} flush>
      <div className="scroll" tabIndex={0} role="region" aria-label={t('title')}>
        <table className="tbl">
          <thead>
            <tr>
              <th scope="col">{t('file')}</th>
              <th scope="col" className="wide-only">
                {t('kind')}
              </th>
              <th scope="col" className="wide-only">
                {t('begun')}
              </th>
              <th scope="col">{t('state')}</th>
              <th scope="col" className="end wide-only">
                {t('result')}
              </th>
            </tr>
          </thead>
          <tbody>
            {lines.map(({ id, kind, fileName, state, rows, bad, createdAt }) => (
              <tr key={id}>
                <td>
                  <a className="plain" href={`/transfers/${kind}/${id}`}>
                    {fileName}
                  </a>
                </td>
                <td className="muted wide-only">{t(kind)}</td>
                <td className="num muted wide-only">{instant(Date.parse(createdAt), formats)}</td>
                <td>
                  <Chip tone={tones[state]}>{t(`state_${state}`)}</Chip>
                </td>
                <td className="end num muted wide-only">{t('result_rows', { n: rows, bad })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
