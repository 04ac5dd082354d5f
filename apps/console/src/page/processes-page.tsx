import { Chip, Head, Panel } from '@plinth/ui/core';
import { useTitle } from '@plinth/ui/router';

import type { Check, Overview, ProcessRow } from '../answers.ts';
import { Answer } from './answer.tsx';
import { type Column, DataTable } from './data-table.tsx';
import { clockTime, mebibytes, percent, perSecond, seconds } from './format.ts';
import { useLive } from './live.ts';

interface CheckRow extends Check {
  readonly instance: string;
}

const tone = { live: 'ok', silent: 'danger', ended: 'neutral' } as const;
const glyph = { live: 'settled', silent: 'failed', ended: 'voided' } as const;
const columns: readonly Column<ProcessRow>[] = [
  { title: 'Process', className: 'mono', cell: ({ instance }) => instance },
  {
    title: 'State',
    cell: ({ state }) => (
      <Chip tone={tone[state]} glyph={glyph[state]}>
        {state}
      </Chip>
    ),
  },
  { title: 'Role', cell: ({ role }) => role },
  { title: 'Version', cell: ({ version }) => version },
  { title: 'Pid', end: true, cell: ({ pid }) => pid },
  { title: 'Requests per s', end: true, cell: ({ figures }) => perSecond(figures.perSecond) },
  { title: 'CPU of a core', end: true, cell: ({ figures }) => percent(figures.cpu) },
  { title: 'Memory', end: true, cell: ({ figures }) => mebibytes(figures.memoryBytes) },
  { title: 'Heap', end: true, cell: ({ figures }) => mebibytes(figures.heapBytes) },
  { title: 'Loop p99', end: true, cell: ({ figures }) => seconds(figures.loopDelay) },
  { title: 'GC', end: true, cell: ({ figures }) => percent(figures.gc, 2) },
  { title: 'Last heard', end: true, cell: ({ heardAt }) => clockTime(heardAt) },
];
const checkColumns: readonly Column<CheckRow>[] = [
  { title: 'Check', cell: ({ name }) => name },
  { title: 'Process', className: 'mono', cell: ({ instance }) => instance },
  {
    title: 'State',
    cell: ({ state }) => (
      <Chip tone={state === 'up' ? 'ok' : 'danger'} glyph={state === 'up' ? 'settled' : 'failed'}>
        {state}
      </Chip>
    ),
  },
  { title: 'Without it', cell: ({ severity }) => severity },
  { title: 'Since', end: true, cell: ({ sinceMs }) => clockTime(sinceMs) },
  { title: 'Why', className: 'long', cell: ({ error }) => error ?? '' },
];

export function Page() {
  useTitle('Processes');
  const live = useLive<Overview>('now');
  return (
    <div className="page">
      <Head title="Processes" />
      <Answer live={live}>
        {({ processes }) => (
          <div className="cols">
            <Panel title="Seen on this data folder" note="last 5 min" span={12} flush>
              <DataTable
                label="Processes"
                rows={processes}
                columns={columns}
                keyOf={({ instance }) => instance}
                empty="None runs. Start one with npm start."
              />
            </Panel>
            <Panel title="What they depend on" span={12} flush>
              <DataTable
                label="Health checks"
                rows={processes.flatMap(({ instance, checks }) =>
                  checks.map((check) => ({ ...check, instance })),
                )}
                columns={checkColumns}
                keyOf={({ instance, name }) => `${instance} ${name}`}
                empty="No process answers, so nothing is known of what it depends on."
              />
            </Panel>
          </div>
        )}
      </Answer>
    </div>
  );
}
