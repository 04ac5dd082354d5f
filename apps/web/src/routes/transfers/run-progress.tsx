import { Progress, useLocale, useWords } from '@plinth/ui/core';
import { count } from '@plinth/ui/format';

import english from '../../../messages/en/transfers.json';
import type { InvoicesImport } from './queries.ts';

interface RunProgressProps {
  readonly found: InvoicesImport;
  readonly mode: 'check' | 'book';
}

/** How far the check or the import is, and what it found. */
export function RunProgress({ found, mode }: RunProgressProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { state, counts } = found;
  if (state === 'uploaded') return <p className="muted">{t('not_run')}</p>;
  const { rows, badRows } = counts;
  const about = state === 'running' ? Math.max(rows, estimateRows(found)) : rows;
  const label = t(mode === 'book' || state === 'done' ? 'booking' : 'dry_run');
  const ratio = about === 0 ? 0 : rows / about;
  return (
    <>
      <p className="lock">
        <span className="strong">{label}</span>
        <span className="muted num">
          {state === 'running'
            ? t('about', { n: count(rows, formats), total: count(about, formats) })
            : t('rows_read', { n: rows })}
        </span>
      </p>
      <Progress
        label={label}
        done={state === 'running' ? Math.min(ratio, 0.99) : 1}
        failed={about === 0 ? 0 : badRows / about}
      />
      <p className="legend num">
        <span>
          <i className="key b0" />
          {t('good', { n: count(rows - badRows, formats) })}
        </span>
        <span className={badRows > 0 ? 'danger strong' : undefined}>
          {t('bad', { n: count(badRows, formats) })}
        </span>
        <span>{t('documents', { n: counts.documents })}</span>
        <span>{t('credit_notes', { n: counts.creditNotes })}</span>
        <span>{t('known', { n: count(counts.known, formats) })}</span>
        <span>{t('new_customers', { n: counts.newCustomers })}</span>
      </p>
    </>
  );
}

/** From the size of the file and of its first rows. */
function estimateRows({ bytes, preview }: InvoicesImport): number {
  const sizes = preview.map((row) => row.join(',').length + 1);
  const average = sizes.reduce((sum, size) => sum + size, 0) / Math.max(1, sizes.length);
  return average === 0 ? 0 : Math.round(bytes / average);
}
