import type { Client, Connection, Submittable } from 'pg';

/** A column of a result as the server announces it. */
export interface DescribedColumn {
  readonly name: string;
  readonly typeId: number;
  /** The table's oid and the column's number, where the column stands as it is in a table; else 0. */
  readonly tableId: number;
  readonly columnNumber: number;
}
/** What Parse and Describe say; nothing is executed. */
export interface Description {
  readonly parameterTypeIds: readonly number[];
  readonly columns: readonly DescribedColumn[];
}

interface ServerField {
  readonly name: string;
  readonly dataTypeID: number;
  readonly tableID: number;
  readonly columnID: number;
}

/** @throws what the server says of a text that it cannot parse against its schema. */
export function describe(client: Client, text: string): Promise<Description> {
  const { promise, resolve, reject } = Promise.withResolvers<Description>();
  client.query(new Describing(text, resolve, reject));
  return promise;
}

/** One Parse, Describe and Sync in place of a query. The methods' names are those that `pg` calls. */
class Describing implements Submittable {
  readonly #text: string;
  readonly #resolve: (description: Description) => void;
  readonly #reject: (error: unknown) => void;
  #parameterTypeIds: readonly number[] = [];
  #columns: readonly DescribedColumn[] = [];

  constructor(
    text: string,
    resolve: (description: Description) => void,
    reject: (error: unknown) => void,
  ) {
    this.#text = text;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: Connection): void {
    const onTypes = ({ dataTypeIDs }: { readonly dataTypeIDs: readonly number[] }) => {
      this.#parameterTypeIds = dataTypeIDs;
    };
    connection.once('parameterDescription', onTypes);
    connection.once('readyForQuery', () => connection.off('parameterDescription', onTypes));
    connection.parse({ name: '', text: this.#text, types: [] }, true);
    connection.describe({ type: 'S', name: '' }, true);
    connection.sync();
  }

  handleRowDescription({ fields }: { readonly fields: readonly ServerField[] }): void {
    this.#columns = fields.map(({ name, dataTypeID, tableID, columnID }) => ({
      name,
      typeId: dataTypeID,
      tableId: tableID,
      columnNumber: columnID,
    }));
  }

  handleReadyForQuery(): void {
    this.#resolve({ parameterTypeIds: this.#parameterTypeIds, columns: this.#columns });
  }

  handleError(error: unknown): void {
    this.#reject(error);
  }
}
