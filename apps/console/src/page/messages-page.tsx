import { Head, Panel, Tile } from '@plinth/ui/core';
import { useTitle } from '@plinth/ui/router';

import type { Job, Messages, Queue, Subscription } from '../answers.ts';
import { Answer } from './answer.tsx';
import { type Column, DataTable } from './data-table.tsx';
import { count, seconds } from './format.ts';
import { useLive } from './live.ts';

const subscriptionColumns: readonly Column<Subscription>[] = [
  { title: 'Subscription', className: 'mono', cell: ({ name }) => name },
  { title: 'Waiting', end: true, cell: ({ pending }) => count(pending) },
  { title: 'Late', end: true, cell: ({ lag }) => seconds(lag) },
  { title: 'Handled p95', end: true, cell: ({ handledP95 }) => seconds(handledP95) },
  { title: 'Given up', end: true, cell: ({ dead }) => count(dead) },
];
const queueColumns: readonly Column<Queue>[] = [
  { title: 'Queue', cell: ({ name }) => name },
  { title: 'Ready', end: true, cell: ({ ready }) => count(ready) },
  { title: 'Oldest', end: true, cell: ({ oldest }) => seconds(oldest) },
];
const jobColumns: readonly Column<Job>[] = [
  { title: 'Job', className: 'mono', cell: ({ name }) => name },
  { title: 'per min', end: true, cell: ({ perMinute }) => count(perMinute) },
  { title: 'p95', end: true, cell: ({ p95 }) => seconds(p95) },
  { title: 'Given up', end: true, cell: ({ dead }) => count(dead) },
];

export function Page() {
  useTitle('Messages and jobs');
  const live = useLive<Messages>('messages');
  return (
    <div className="page">
      <Head title="Messages and jobs" />
      <Answer live={live}>{(data) => <Shown data={data} />}</Answer>
    </div>
  );
}

function Shown({ data }: { readonly data: Messages }) {
  const { outbox, subscriptions, queues, jobs } = data;
  return (
    <>
      <div className="tiles">
        <Tile
          label="Outbox: oldest unsent"
          figure={seconds(outbox.lag)}
          detail="on the database's clock"
        />
        <Tile label="Outbox: unsent" figure={count(outbox.pending)} detail="events" />
      </div>
      <div className="cols">
        <Panel title="Subscriptions" note="last 15 min" span={12} flush>
          <DataTable
            label="Subscriptions"
            rows={subscriptions}
            columns={subscriptionColumns}
            keyOf={({ name }) => name}
            empty="No event was delivered in the last 15 minutes."
          />
        </Panel>
        <Panel title="Queues" span={4} flush>
          <DataTable
            label="Queues"
            rows={queues}
            columns={queueColumns}
            keyOf={({ name }) => name}
            empty="No job waits."
          />
        </Panel>
        <Panel title="Jobs" note="last 15 min" span={8} flush>
          <DataTable
            label="Jobs"
            rows={jobs}
            columns={jobColumns}
            keyOf={({ name }) => name}
            empty="No job ran in the last 15 minutes."
          />
        </Panel>
      </div>
    </>
  );
}
