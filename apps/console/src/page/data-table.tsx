import type { ReactNode } from 'react';

export interface Column<row> {
  readonly title: string;
  /** Figures stand at the end. */
  readonly end?: true;
  readonly className?: string;
  cell(row: row): ReactNode;
}

interface DataTableProps<row> {
  readonly label: string;
  readonly rows: readonly row[];
  readonly columns: readonly Column<row>[];
  /** What to do, or what it means, where there is none. */
  readonly empty: string;
  keyOf(row: row): string;
}

/** A table that fits its panel; a narrow screen moves it sideways, by keys too. */
export function DataTable<row>({ label, rows, columns, empty, keyOf }: DataTableProps<row>) {
  if (rows.length === 0) return <p className="muted px-4 pb-4">{empty}</p>;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keys
    <div className="scroll" tabIndex={0} role="group" aria-label={label}>
      <table className="tbl dense">
        <thead>
          <tr>
            {columns.map(({ title, end }) => (
              <th key={title} scope="col" className={end === true ? 'end' : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ title, end, className, cell }) => (
                <td key={title} className={end === true ? 'end num' : className}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
