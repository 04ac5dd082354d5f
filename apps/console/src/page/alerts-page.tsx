import { Chip, Empty, Head, Panel } from '@plinth/ui/core';
import { useTitle } from '@plinth/ui/router';

import type { Lamp, Overview } from '../answers.ts';
import { Answer } from './answer.tsx';
import { type Column, DataTable } from './data-table.tsx';
import { clockTime, inUnit, lampGlyph, lampTone, limitText } from './format.ts';
import { useLive } from './live.ts';

const columns: readonly Column<Lamp>[] = [
  { title: 'Alert', className: 'mono', cell: ({ alert }) => alert },
  {
    title: 'State',
    cell: ({ state, becomes }) => (
      <Chip tone={lampTone[becomes ?? state]} glyph={lampGlyph[becomes ?? state]}>
        {becomes === null ? state : `${becomes} soon`}
      </Chip>
    ),
  },
  { title: 'Where', className: 'mono', cell: ({ where }) => where },
  { title: 'Now', end: true, cell: ({ value, unit }) => inUnit(value, unit) },
  { title: 'Warning', end: true, cell: ({ warn, unit }) => limitText(warn, unit) },
  { title: 'Critical', end: true, cell: ({ critical, unit }) => limitText(critical, unit) },
  { title: 'Runbook', className: 'mono', cell: () => 'docs/runbooks/alerts.md' },
];
interface Fault {
  readonly what: string;
  readonly why: string;
  readonly since: number;
}
const faultColumns: readonly Column<Fault>[] = [
  { title: 'What', cell: ({ what }) => what },
  { title: 'Since', end: true, cell: ({ since }) => clockTime(since) },
  { title: 'Why', className: 'long', cell: ({ why }) => why },
];

export function Page() {
  useTitle('Alerts');
  const live = useLive<Overview>('now');
  return (
    <div className="page">
      <Head title="Alerts" />
      <Answer live={live}>{(data) => <Shown data={data} />}</Answer>
    </div>
  );
}

const keyOf = ({ alert }: Lamp) => alert;
const isOpen = ({ state, becomes }: Lamp) =>
  becomes !== null || state === 'warning' || state === 'critical';

function Shown({ data }: { readonly data: Overview }) {
  const open = data.lamps.filter(isOpen);
  const faults = faultsOf(data);
  return (
    <>
      {open.length === 0 && faults.length === 0 && (
        <Empty title="Nothing is wrong that is measured" icon="check">
          An alert opens when its bound is passed for as long as topology/kpi.ts says.
        </Empty>
      )}
      <div className="cols">
        {faults.length > 0 && (
          <Panel title="Down" span={12} flush>
            <DataTable
              label="Down"
              rows={faults}
              columns={faultColumns}
              keyOf={({ what }) => what}
              empty=""
            />
          </Panel>
        )}
        {open.length > 0 && (
          <Panel title="Open" span={12} flush>
            <DataTable label="Open alerts" rows={open} columns={columns} keyOf={keyOf} empty="" />
          </Panel>
        )}
        <Panel title="Watched" note="quiet, or without data" span={12} flush>
          <DataTable
            label="Quiet alerts"
            rows={data.lamps.filter((lamp) => !isOpen(lamp))}
            columns={columns}
            keyOf={keyOf}
            empty="All alerts are open."
          />
        </Panel>
      </div>
    </>
  );
}

function faultsOf({ processes }: Overview): Fault[] {
  return processes.flatMap(({ instance, state, heardAt, checks }) => [
    ...(state === 'live' ? [] : [{ what: `${instance} is ${state}`, why: '', since: heardAt }]),
    ...checks
      .filter((check) => check.state === 'down')
      .map(({ name, error = '', sinceMs }) => ({
        what: `${name} is down for ${instance}`,
        why: error,
        since: sinceMs,
      })),
  ]);
}
