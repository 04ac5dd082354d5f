import { useLocale, useWords } from '../core/locale.tsx';
import english from '../messages/grid-more-en.json';
import { amount, money } from '../format/index.ts';
import type { Column, Row } from './column.ts';
import type { Summary } from './row-source.ts';

export interface FooterProps<row extends Row> {
  readonly columns: readonly Column<row>[];
  readonly totals: Summary;
  readonly selectable: boolean;
  readonly phone: boolean;
}

/** A sum is never clipped: from here on it is written smaller. */
const longCharacters = 12;

type Sum = NonNullable<Summary['sums']>[number];

/** Totals of the whole filter, a currency each: they are never added up. */
export function GridFooter<row extends Row>(props: FooterProps<row>) {
  const { columns, totals, selectable, phone } = props;
  const words = useWords(english);
  const [main, ...others] = totals.sums ?? [];
  const firstSum = columns.findIndex(({ sum }) => sum === true);
  const lead = Math.max(1, firstSum);
  return (
    <div role="rowgroup">
      <div className="gf" role="row">
        {selectable && !phone && (
          <div className="ck" role="gridcell">
            <abbr title={words('grid_sum')}>Σ</abbr>
          </div>
        )}
        <div
          className="rest num"
          role="gridcell"
          ref={(cell) => spanColumns(cell, phone ? 1 : lead)}
        >
          {totals.sums === null ? (
            words('grid_no_sums')
          ) : (
            <Others sums={others} columns={columns} />
          )}
        </div>
        {firstSum >= 0 &&
          columns
            .slice(lead)
            .filter((column) => !phone || column.sum === true)
            .map((column) => <SumCell key={column.id} column={column} sum={main} />)}
      </div>
    </div>
  );
}

/** The cells before the first sum are one: through the CSSOM, since the CSP has no `style` attributes. */
function spanColumns(cell: HTMLElement | null, columns: number): void {
  cell?.style.setProperty('grid-column', `span ${columns}`);
}

function Others<row extends Row>({
  sums,
  columns,
}: {
  readonly sums: readonly Sum[];
  readonly columns: readonly Column<row>[];
}) {
  const { formats } = useLocale();
  const words = useWords(english);
  const field = columns.find(({ sum }) => sum === true)?.id ?? '';
  const shown = sums.slice(0, 2).map(({ currency, amounts }) => {
    const minor = amounts[field] ?? 0;
    return money({ minor, currency }, formats);
  });
  const rest = sums.length - shown.length;
  return (
    <>
      {shown.join(' · ')}
      {rest > 0 && ` · ${words('grid_more_currencies', { n: rest })}`}
    </>
  );
}

function SumCell<row extends Row>({
  column,
  sum,
}: {
  readonly column: Column<row>;
  readonly sum: Sum | undefined;
}) {
  const { formats } = useLocale();
  const minor = sum?.amounts[column.id];
  if (column.sum !== true || sum === undefined || minor === undefined) {
    return <div role="gridcell" />;
  }
  const figures = amount({ minor, currency: sum.currency }, formats);
  return (
    <div className={figures.length > longCharacters ? 'end num long' : 'end num'} role="gridcell">
      {column.bare !== true && <span className="cur">{sum.currency}</span>}
      {figures}
    </div>
  );
}
