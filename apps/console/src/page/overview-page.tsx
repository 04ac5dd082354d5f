import { Spark } from '@plinth/ui/charts';
import { Chip, Head, Note, Panel } from '@plinth/ui/core';
import { useTitle } from '@plinth/ui/router';

import type { Gate, Overview, Route } from '../answers.ts';
import { Answer } from './answer.tsx';
import { type Column, DataTable } from './data-table.tsx';
import { clockTime, inUnit, lampTone, limitText, percent, perSecond, seconds } from './format.ts';
import { Lamps } from './lamps.tsx';
import { useLive } from './live.ts';

const routeColumns: readonly Column<Route>[] = [
  { title: 'Route', className: 'mono', cell: ({ route }) => route },
  { title: 'per s', end: true, cell: (row) => perSecond(row.perSecond) },
  { title: 'p50', end: true, cell: ({ p50 }) => seconds(p50) },
  { title: 'p95', end: true, cell: ({ p95 }) => seconds(p95) },
  { title: 'p99', end: true, cell: ({ p99 }) => seconds(p99) },
  { title: 'Errors', end: true, cell: ({ errors }) => percent(errors, 2) },
];
const gateTone = { kept: 'ok', broken: 'danger', 'no data': 'neutral' } as const;
const gateGlyph = { kept: 'settled', broken: 'failed', 'no data': 'draft' } as const;
const gateColumns: readonly Column<Gate>[] = [
  { title: 'Gate', cell: ({ name }) => name },
  { title: 'Now', end: true, cell: ({ value, unit }) => inUnit(value, unit) },
  { title: 'Broken', end: true, cell: ({ limit, unit }) => limitText(limit, unit) },
  {
    title: 'State',
    cell: ({ state }) => (
      <Chip tone={gateTone[state]} glyph={gateGlyph[state]}>
        {state}
      </Chip>
    ),
  },
];

export function Page() {
  useTitle('Overview');
  const live = useLive<Overview>('now');
  const worst = live.data === undefined ? undefined : worstOf(live.data);
  return (
    <div className="page">
      <Head title="Overview">{worst}</Head>
      <Answer live={live}>{(data) => <Shown data={data} />}</Answer>
    </div>
  );
}

function Shown({ data }: { readonly data: Overview }) {
  const silent = data.processes.every(({ state }) => state !== 'live');
  const now = data.perSecond.at(-1) ?? null;
  return (
    <>
      {silent && (
        <Note tone="danger">
          No process answers. What is shown is as of {clockTime(data.asOf)}.
        </Note>
      )}
      <Lamps lamps={data.lamps} />
      <div className="cols">
        <Panel title="Requests by route" note="last 5 min" span={8} flush>
          <DataTable
            label="Requests by route"
            rows={data.routes}
            columns={routeColumns}
            keyOf={({ route }) => route}
            empty="No request in the last 5 minutes. Open the product, or run npx plinth load smoke."
          />
        </Panel>
        <Panel title="Gates of the KPI file" note="last 5 min" span={4} flush>
          <DataTable
            label="Gates of the KPI file"
            rows={data.gates}
            columns={gateColumns}
            keyOf={({ name }) => name}
            empty="topology/kpi.ts names no gate."
          />
          <div className="p-4">
            <span className="muted">Requests a second</span> <strong>{perSecond(now)}</strong>
            <Spark
              values={data.perSecond}
              label={`Requests a second in the last 15 minutes, now ${perSecond(now)}`}
            />
          </div>
        </Panel>
      </div>
    </>
  );
}

function worstOf({ asOf, lamps }: Overview) {
  const count = (wanted: string) => lamps.filter(({ state }) => state === wanted).length;
  const critical = count('critical');
  const warnings = count('warning');
  if (asOf === 0) return undefined;
  if (critical > 0)
    return <Chip tone={lampTone.critical} glyph="failed">{`${critical} critical`}</Chip>;
  if (warnings > 0)
    return <Chip tone={lampTone.warning} glyph="overdue">{`${warnings} warning`}</Chip>;
  const measured = lamps.length - count('no data');
  return <Chip tone="ok" glyph="settled">{`${measured} of ${lamps.length} measured, all ok`}</Chip>;
}
