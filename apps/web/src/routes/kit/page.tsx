import { Button, Facts, useToast } from '@plinth/ui/core';
import { fakeListServer, type FakeRow } from '@plinth/ui/testing';

import type { ListApi } from '../../parts/list-api.ts';
import { ListPage } from '../../parts/list-page.tsx';
import { fakeColumns } from './fake-columns.ts';

const server = fakeListServer(1_000_000);
const api: ListApi<FakeRow> = {
  page: ({ limit = 100, ...query }, { signal }) => server.page({ limit, ...query }, signal),
  rows: ({ ids }) => server.rows(ids),
  summary: async () => ({ ...(await server.summary()), asOf: '2026-11-23T12:00:00Z' }),
};

/** Development only: the list and what floats above it, on a million synthetic rows. */
export function Page() {
  const toast = useToast();
  return (
    <ListPage
      title="Kit"
      name="kit"
      api={api}
      topics={{ changed: [], created: [] }}
      columns={fakeColumns}
      defaults={{ filter: [], sort: [{ field: 'number', descending: true }], columns: [] }}
      views={[
        { id: 'all', label: 'All', filter: [] },
        { id: 'open', label: 'Open', filter: [{ field: 'status', op: 'in', values: ['issued'] }] },
      ]}
      rowName={({ number }) => number}
      href={(id) => `/invoices/${id}`}
      preview={(row) => ({
        body: (
          <section>
            <Facts items={[['Customer', row.customer]]} />
          </section>
        ),
        footer: <Button look="primary">Record payment</Button>,
      })}
      bulk={(_, clear) => [
        { label: 'Send', icon: 'send', onSelect: () => toast({ text: 'Sent', tone: 'ok' }) },
        { label: 'Remind', icon: 'bell', onSelect: clear },
        { label: 'Export', icon: 'export', onSelect: clear },
        { label: 'Delete', icon: 'trash', danger: true, onSelect: clear },
      ]}
      exportHref={() => '/v1/none'}
      importHref="/kit"
      actions={
        <Button look="primary" icon="plus" shortcut="N">
          New
        </Button>
      }
    />
  );
}
