import { useEffect, useMemo, useState } from 'react';

import { Head } from '@plinth/ui/core';
import {
  emptyState,
  Grid,
  type GridState,
  listSource,
  nothingSelected,
  type Selection,
  type Summary,
} from '@plinth/ui/grid';
import { useTitle } from '@plinth/ui/router';
import { fakeListServer } from '@plinth/ui/testing';

import { fakeColumns } from './fake-columns.ts';

/** Development only: every part of the kit in its states, on a list of a million synthetic rows. */
export function Page() {
  useTitle('Kit');
  const [state, onState] = useState<GridState>(emptyState);
  const [selection, onSelection] = useState<Selection>(nothingSelected);
  const [current, onCurrent] = useState<string | undefined>(undefined);
  const server = useMemo(() => fakeListServer(1_000_000), []);
  const source = useMemo(
    () => listSource({ page: (query, signal) => server.page(query, signal), rows: (ids) => server.rows(ids) }),
    [server],
  );
  const [totals, setTotals] = useState<Summary | undefined>(undefined);
  useEffect(() => {
    void server.summary().then(setTotals);
    return () => source.close();
  }, [server, source]);
  return (
    <div className="listpage">
      <div className="listmain">
        <Head title="Kit" count="1,000,000" />
        <div />
        <div />
        <Grid
          source={source}
          columns={fakeColumns}
          state={state}
          onState={onState}
          label="Invoices"
          rowName={({ number }) => number}
          selection={selection}
          onSelection={onSelection}
          current={current}
          onCurrent={onCurrent}
          totals={totals}
        />
      </div>
    </div>
  );
}
