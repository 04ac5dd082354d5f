import { findColumns, missingFields, type Columns, type Mapping } from './import-fields.ts';
import { refused } from './problems.ts';

/**
 * @param chosen field → header, where the header is not one of the known.
 * @throws {Problem} `invoicing.columns_missing` naming the fields that have no column.
 */
export function requireColumns(
  mapping: Mapping,
  header: readonly string[],
  chosen: Readonly<Record<string, string>>,
): Columns {
  const columns = findColumns(header, chosen);
  const missing = missingFields(mapping, columns);
  if (missing.length === 0) return columns;
  throw refused(
    'invoicing.columns_missing',
    `The file has no column for: ${missing.join(', ')}.`,
    missing.map((field) => ({
      pointer: `/settings/columns/${field}`,
      code: 'missing',
      message: 'Name the column.',
    })),
  );
}
