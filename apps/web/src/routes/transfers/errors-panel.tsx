import { ButtonLink, Panel, useLocale, useWords } from '@plinth/ui/core';
import { count } from '@plinth/ui/format';

import english from '../../../messages/en/transfers.json';

interface ImportError {
  readonly line: number;
  readonly column: string;
  /** What stands there, where the server says it. */
  readonly value?: string;
  readonly reason: string;
}

interface ErrorsPanelProps {
  readonly errors: readonly ImportError[];
  /** Rows that are left out. */
  readonly badRows: number;
  /** The rejected rows as a file. */
  readonly href: string;
}

/** Where, what and why of each refused row, and the rows as a file to mend. */
export function ErrorsPanel({ errors, badRows, href }: ErrorsPanelProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const isCut = errors.length < badRows;
  return (
    <Panel
      title={t('errors')}
      note={
        <span className="num">
          {count(badRows, formats)}
          {isCut && `, ${t('errors_first', { n: errors.length })}`}
        </span>
      }
      more={
        <ButtonLink href={href} look="quiet" icon="import" download="">
          {t('to_fix')}
        </ButtonLink>
      }
      flush
    >
      <div
        className="scroll max-h-96 overflow-y-auto"
        tabIndex={0}
        role="region"
        aria-label={`${t('errors')}, ${badRows}`}
      >
        <table className="tbl">
          <thead>
            <tr>
              <th scope="col" className="end">
                {t('line')}
              </th>
              <th scope="col">{t('column')}</th>
              <th scope="col">{t('value_reason')}</th>
            </tr>
          </thead>
          <tbody>
            {errors.map(({ line, column, value, reason }, at) => (
              // oxlint-disable-next-line react/no-array-index-key -- a row may have the same fault twice
              <tr key={`${line} ${column} ${at}`}>
                <td className="end num muted">{count(line, formats)}</td>
                <td>{column}</td>
                <td>
                  {value !== undefined && (
                    <span className="bad num">{value === '' ? t('empty_value') : value}</span>
                  )}{' '}
                  <span className="muted">{reason}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
