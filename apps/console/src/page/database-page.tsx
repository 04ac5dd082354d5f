import { Head, Panel } from '@plinth/ui/core';
import { useTitle } from '@plinth/ui/router';

import type { Database, Named, Pool, Statement } from '../answers.ts';
import { Answer } from './answer.tsx';
import { type Column, DataTable } from './data-table.tsx';
import { count, percent, seconds } from './format.ts';
import { useLive } from './live.ts';

const poolColumns: readonly Column<Pool>[] = [
  { title: 'Pool', className: 'mono', cell: ({ pool }) => pool },
  { title: 'Used', end: true, cell: ({ used }) => count(used) },
  { title: 'Idle', end: true, cell: ({ idle }) => count(idle) },
  { title: 'Most', end: true, cell: ({ max }) => count(max) },
  { title: 'Waiting', end: true, cell: ({ waiting }) => count(waiting) },
  { title: 'Wait p99', end: true, cell: ({ waitP99 }) => seconds(waitP99) },
  { title: 'In use', end: true, cell: ({ used, max }) => partOf(used, max) },
];
const statementColumns: readonly Column<Statement>[] = [
  { title: 'Statement', className: 'mono', cell: ({ statement }) => statement },
  { title: 'Busy', end: true, cell: ({ share }) => percent(share, 2) },
  { title: 'Times', end: true, cell: (row) => count(row.count) },
  { title: 'p50', end: true, cell: ({ p50 }) => seconds(p50) },
  { title: 'p95', end: true, cell: ({ p95 }) => seconds(p95) },
  { title: 'p99', end: true, cell: ({ p99 }) => seconds(p99) },
];
const lagColumns: readonly Column<Named>[] = [
  { title: 'Replica', className: 'mono', cell: ({ name }) => name },
  { title: 'Behind', end: true, cell: ({ value }) => seconds(value) },
];
const countColumns = (title: string): readonly Column<Named>[] => [
  { title, cell: ({ name }) => name },
  { title: 'Times', end: true, cell: ({ value }) => count(value) },
];

export function Page() {
  useTitle('Database');
  const live = useLive<Database>('database');
  return (
    <div className="page">
      <Head title="Database">
        <span className="muted">as its clients see it, so also while it is down</span>
      </Head>
      <Answer live={live}>{(data) => <Shown data={data} />}</Answer>
    </div>
  );
}

function partOf(used: number | null, max: number | null): string {
  return used === null || max === null || max === 0 ? '–' : percent(used / max);
}

const keyOf = ({ name }: Named) => name;

function Shown({ data }: { readonly data: Database }) {
  const { pools, statements, replicas, reads, retries } = data;
  const tables = [
    {
      title: 'Replicas',
      rows: replicas,
      columns: lagColumns,
      empty: 'No replica. Name its host in DATABASE_URL, behind a comma.',
    },
    {
      title: 'Reads went to',
      rows: reads,
      columns: countColumns('Where'),
      empty: 'No read in the last 15 minutes.',
    },
    {
      title: 'Tried again',
      rows: retries,
      columns: countColumns('SQLSTATE'),
      empty: 'No transaction had to be tried again.',
    },
  ];
  return (
    <div className="cols">
      <Panel title="Pools" span={12} flush>
        <DataTable
          label="Pools"
          rows={pools}
          columns={poolColumns}
          keyOf={({ pool }) => pool}
          empty="No process has opened a pool."
        />
      </Panel>
      <Panel title="Statements by their time" note="last 15 min" span={8} flush>
        <DataTable
          label="Statements by their time"
          rows={statements}
          columns={statementColumns}
          keyOf={({ statement }) => statement}
          empty="No statement ran in the last 15 minutes."
        />
      </Panel>
      <div className="c4 grid gap-4 content-start">
        {tables.map(({ title, ...table }) => (
          <Panel key={title} title={title} flush>
            <DataTable label={title} keyOf={keyOf} {...table} />
          </Panel>
        ))}
      </div>
    </div>
  );
}
