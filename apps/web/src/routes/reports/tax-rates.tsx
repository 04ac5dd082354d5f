import { Panel, useLocale, useWords } from '@plinth/ui/core';
import { amount, count, month, percent } from '@plinth/ui/format';

import english from '../../../messages/en/reports.json';

interface Sums {
  readonly taxPpm: number;
  readonly netMinor: number;
  readonly taxMinor: number;
}
interface Row extends Sums {
  readonly month: string;
  readonly currency: string;
  readonly documents: number;
}

interface TaxRatesProps {
  /** Of one currency. */
  readonly rows: readonly Row[];
}

/** What was invoiced at each rate, in all and month by month. */
export function TaxRates({ rows }: TaxRatesProps) {
  const t = useWords(english);
  return (
    <div className="cols">
      <Panel title={t('months')} span={8} flush>
        <MonthsTable rows={rows} />
      </Panel>
      <Panel title={t('by_tax_rate')} span={4} flush>
        <RatesTable rows={rows} />
      </Panel>
    </div>
  );
}

function useFigures(rows: readonly Row[]) {
  const { formats } = useLocale();
  const currency = rows[0]?.currency ?? '';
  return {
    formats,
    figure: (minor: number) => amount({ minor, currency }, formats),
    rate: (ppm: number) => percent(ppm / 1_000_000, formats),
  };
}

function MonthsTable({ rows }: TaxRatesProps) {
  const t = useWords(english);
  const { formats, figure, rate } = useFigures(rows);
  const months = [...Map.groupBy(rows, (row) => row.month)].toReversed();
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t('by_tax_rate')}>
      <table className="tbl dense">
        <thead>
          <tr>
            <th scope="col">{t('month')}</th>
            <th scope="col" className="end">
              {t('rate')}
            </th>
            <th scope="col" className="end wide-only">
              {t('documents')}
            </th>
            <th scope="col" className="end">
              {t('net')}
            </th>
            <th scope="col" className="end">
              {t('tax')}
            </th>
          </tr>
        </thead>
        <tbody className="num">
          {months.flatMap(([first, own]) =>
            own.map((row, at) => (
              <tr key={`${first} ${row.taxPpm}`}>
                <td>{at === 0 ? month(first, formats) : ''}</td>
                <td className="end">{rate(row.taxPpm)}</td>
                <td className="end muted wide-only">{count(row.documents, formats)}</td>
                <td className="end">{figure(row.netMinor)}</td>
                <td className="end strong">{figure(row.taxMinor)}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </div>
  );
}

function RatesTable({ rows }: TaxRatesProps) {
  const t = useWords(english);
  const { figure, rate } = useFigures(rows);
  return (
    <table className="tbl dense">
      <thead>
        <tr>
          <th scope="col">{t('rate')}</th>
          <th scope="col" className="end">
            {t('net')}
          </th>
          <th scope="col" className="end">
            {t('tax')}
          </th>
        </tr>
      </thead>
      <tbody className="num">
        {sumsOf(rows).map((sums) => (
          <tr key={sums.taxPpm}>
            <td>{rate(sums.taxPpm)}</td>
            <td className="end">{figure(sums.netMinor)}</td>
            <td className="end strong">{figure(sums.taxMinor)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Of all months, by falling rate. */
function sumsOf(rows: readonly Row[]): Sums[] {
  const groups = [...Map.groupBy(rows, ({ taxPpm }) => taxPpm)];
  return groups
    .map(([taxPpm, own]) => ({
      taxPpm,
      netMinor: own.reduce((sum, { netMinor }) => sum + netMinor, 0),
      taxMinor: own.reduce((sum, { taxMinor }) => sum + taxMinor, 0),
    }))
    .toSorted((a, b) => b.taxPpm - a.taxPpm);
}
