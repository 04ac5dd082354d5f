export type Mapping = 'invoice-rows' | 'line-rows';
export type Field =
  | 'number'
  | 'date'
  | 'customer'
  | 'customerName'
  | 'country'
  | 'currency'
  | 'dueDate'
  | 'total'
  | 'item'
  | 'description'
  | 'quantity'
  | 'unitPrice';
/** Field → index of its column. */
export type Columns = ReadonlyMap<Field, number>;

/** Headers, without case, blanks and signs, by which a field is known. */
const names: Readonly<Record<Field, RegExp>> = {
  number: /^(?:invoice|invoiceno|invoicenumber|number|no)$/u,
  date: /^(?:date|invoicedate|issuedate|issued)$/u,
  customer: /^(?:customer|customerid|customerno|customernumber)$/u,
  customerName: /^(?:customername|name)$/u,
  country: /^country$/u,
  currency: /^currency$/u,
  dueDate: /^(?:due|duedate)$/u,
  total: /^(?:total|gross|amount|total[a-z]{3}|gross[a-z]{3})$/u,
  item: /^(?:stockcode|item|itemno|sku|article)$/u,
  description: /^description$/u,
  quantity: /^(?:quantity|qty)$/u,
  unitPrice: /^(?:unitprice|price)$/u,
};

/** Fields without which a mapping reads nothing. */
export const requiredFields: Readonly<Record<Mapping, readonly Field[]>> = {
  'invoice-rows': ['number', 'date', 'customer', 'total'],
  'line-rows': ['number', 'date', 'customer', 'description', 'quantity', 'unitPrice'],
};

/** The mapping whose columns the header has. */
export function suggestMapping(header: readonly string[]): Mapping | null {
  for (const mapping of ['line-rows', 'invoice-rows'] as const) {
    if (missingFields(mapping, findColumns(header, {})).length === 0) return mapping;
  }
  return null;
}

/**
 * Which column holds which field.
 *
 * @param chosen field → header, where the header is not one of the known; a name that the file lacks: no column.
 */
export function findColumns(
  header: readonly string[],
  chosen: Readonly<Record<string, string>>,
): Map<Field, number> {
  const columns = new Map<Field, number>();
  const plain = header.map((title) => title.toLowerCase().replaceAll(/[^a-z0-9]/gu, ''));
  for (const [field, pattern] of fieldNames()) {
    const wanted = chosen[field];
    const index =
      wanted === undefined
        ? plain.findIndex((title) => pattern.test(title))
        : header.indexOf(wanted);
    if (index >= 0) columns.set(field, index);
  }
  return columns;
}

function fieldNames(): [Field, RegExp][] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of the record above
  return Object.entries(names) as [Field, RegExp][];
}

export function missingFields(mapping: Mapping, columns: Columns): Field[] {
  return requiredFields[mapping].filter((field) => !columns.has(field));
}
