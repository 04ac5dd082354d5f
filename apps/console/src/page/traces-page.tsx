import { Chip, Head, Note, Panel, Segment } from '@plinth/ui/core';
import { type PageProps, useTitle } from '@plinth/ui/router';

import type { Span, Spans } from '../answers.ts';
import { Answer } from './answer.tsx';
import { type Column, DataTable } from './data-table.tsx';
import { clockTime, milliseconds } from './format.ts';
import { useLive } from './live.ts';
import { outcomeGlyph, outcomeTone } from './outcome.ts';

const shortId = 12;
const views = [
  { href: '/traces', label: 'Slowest' },
  { href: '/traces?only=slow', label: 'Over 500 ms' },
  { href: '/traces?only=failed', label: 'Failed' },
];
const slowMs = 500;
const columns: readonly Column<Span>[] = [
  {
    title: 'Trace',
    className: 'mono',
    cell: ({ traceId }) => <a href={`/traces/${traceId}`}>{traceId.slice(0, shortId)}</a>,
  },
  { title: 'Took', end: true, cell: ({ tookMs }) => milliseconds(tookMs) },
  {
    title: 'Outcome',
    cell: ({ outcome }) => (
      <Chip tone={outcomeTone[outcome]} glyph={outcomeGlyph[outcome]}>
        {outcome}
      </Chip>
    ),
  },
  {
    title: 'What',
    className: 'mono',
    cell: ({ name, attributes }) => [name, ...Object.values(attributes)].join(' '),
  },
  { title: 'Process', className: 'mono', cell: ({ instance }) => instance },
  { title: 'Began', end: true, cell: ({ startedAt }) => clockTime(startedAt) },
];

export function Page({ search }: PageProps) {
  useTitle('Traces');
  const only = search.get('only') ?? '';
  const live = useLive<Spans>('traces');
  return (
    <div className="page">
      <Head
        title="Traces"
        actions={
          <Segment
            label="Which traces"
            tabs={views}
            current={only === '' ? '/traces' : `/traces?only=${only}`}
          />
        }
      />
      <Answer live={live}>{(data) => <Shown data={data} only={only} />}</Answer>
    </div>
  );
}

function Shown({ data, only }: { readonly data: Spans; readonly only: string }) {
  const { items, answered, asked } = data;
  const rows = items
    .filter((span) => isWanted(span, only))
    .toSorted((one, other) => other.tookMs - one.tookMs);
  return (
    <>
      {answered < asked && (
        <Note tone="warn">
          {answered} of {asked} processes answered.
        </Note>
      )}
      <div className="cols">
        <Panel title="Requests and jobs that are held" note="by their time" span={12} flush>
          <DataTable
            label="Traces"
            rows={rows}
            columns={columns}
            keyOf={({ spanId }) => spanId}
            empty="None is held. Failures and what takes over 500 ms stay longest: send a request, and it is here."
          />
        </Panel>
      </div>
    </>
  );
}

function isWanted({ tookMs, outcome }: Span, only: string): boolean {
  if (only === 'slow') return tookMs > slowMs;
  return only !== 'failed' || outcome !== 'ok';
}
