import { useEffect, useState } from 'react';

import { Button } from '../core/button.tsx';
import { Chip } from '../core/chip.tsx';
import { useLocale, useWords } from '../core/locale.tsx';
import english from '../messages/grid-more-en.json';
import { ErrorState, Skeleton } from '../core/states.tsx';
import { cellParts, partsText } from './cell-parts.ts';
import { isEndAligned } from './cell-node.ts';
import type { Column, Row } from './column.ts';
import type { ListOptions } from './list-options.ts';
import type { Page } from './row-source.ts';

export interface PageTableProps<row extends Row> {
  readonly page: ListOptions<row>['page'];
  readonly columns: readonly Column<row>[];
  readonly label: string;
}

const rowsPerPage = 50;

/** The same list as pages of a plain table: for those who read by a screen reader's table commands, and for print. */
export function PageTable<row extends Row>({ page, columns, label }: PageTableProps<row>) {
  const words = useWords(english);
  const [from, setFrom] = useState(0);
  const { shown, error, retry } = usePage(page, from);
  if (error !== undefined) return <ErrorState error={error} onRetry={retry} />;
  if (shown === undefined) return <Skeleton lines={12} />;
  const to = Math.min(shown.total.n, from + shown.items.length);
  return (
    <div className="plainlist">
      <table className="tbl">
        <caption className="sr">{label}</caption>
        <thead>
          <tr>
            {columns.map(({ id, title, kind }) => (
              <th key={id} scope="col" className={isEndAligned(kind) ? 'end' : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.items.map((row) => (
            <tr key={row.id}>
              {columns.map((column) => (
                <PlainCell key={column.id} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <div className="pager">
        <Button
          off={from === 0 ? words('grid_previous') : undefined}
          onClick={() => setFrom(Math.max(0, from - rowsPerPage))}
        >
          {words('grid_previous')}
        </Button>
        <Button
          off={shown.next === null ? words('grid_next') : undefined}
          onClick={() => setFrom(from + rowsPerPage)}
        >
          {words('grid_next')}
        </Button>
        <span className="muted num">
          {words('grid_page', { from: Math.min(from + 1, to), to, n: shown.total.n })}
        </span>
      </div>
    </div>
  );
}

function PlainCell<row extends Row>({ column, row }: { column: Column<row>; row: row }) {
  const locale = useLocale();
  const parts = cellParts(column, column.value(row), locale);
  const text = partsText(parts);
  const inside =
    parts.status === undefined ? (
      text
    ) : (
      <Chip tone={parts.status.tone} glyph={parts.status.glyph}>
        {text}
      </Chip>
    );
  return (
    <td className={isEndAligned(column.kind) ? 'end num' : undefined}>
      {parts.href === '' ? inside : <a href={parts.href}>{inside}</a>}
    </td>
  );
}

function usePage<row extends Row>(page: ListOptions<row>['page'], from: number) {
  const [shown, setShown] = useState<Page<row> | undefined>(undefined);
  const [error, setError] = useState<unknown>(undefined);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    setError(undefined);
    page({ limit: rowsPerPage, ...(from === 0 ? {} : { rank: from }) }, abort.signal).then(
      (answer) => setShown(answer),
      (failure: unknown) => {
        if (!abort.signal.aborted) setError(failure);
      },
    );
    return () => abort.abort();
  }, [page, from, tries]);
  return { shown, error, retry: () => setTries((n) => n + 1) };
}
