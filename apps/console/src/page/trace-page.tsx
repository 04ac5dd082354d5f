import { Chip, Empty, Head, Panel } from '@plinth/ui/core';
import { type PageProps, useTitle } from '@plinth/ui/router';

import type { Span, Spans } from '../answers.ts';
import { Answer } from './answer.tsx';
import { type Column, DataTable } from './data-table.tsx';
import { clockTime, milliseconds } from './format.ts';
import { useLive } from './live.ts';
import { outcomeGlyph, outcomeTone } from './outcome.ts';
import { type Fall, waterfall } from './waterfall.ts';

const indent = '\u{2003}';
const columns: readonly Column<Fall>[] = [
  {
    title: 'Span',
    className: 'mono',
    cell: ({ span, depth }) => `${indent.repeat(depth)}${span.name}`,
  },
  { title: 'Took', end: true, cell: ({ span }) => milliseconds(span.tookMs) },
  { title: 'In no child', end: true, cell: ({ ownMs }) => milliseconds(ownMs) },
  { title: 'When', className: 'wide', cell: (fall) => <Bar fall={fall} /> },
  { title: 'Process', className: 'mono', cell: ({ span }) => span.instance },
  {
    title: 'Facts',
    className: 'mono',
    cell: ({ span }) =>
      Object.entries(span.attributes)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
  },
];

export function Page({ params }: PageProps) {
  const { id = '' } = params;
  useTitle(`Trace ${id.slice(0, 12)}`);
  const live = useLive<Spans>(`traces/${id}`);
  const [root] = live.data?.items ?? [];
  return (
    <div className="page">
      <Head
        title={root?.name ?? 'Trace'}
        crumbs={[
          { label: 'Traces', href: '/traces' },
          { label: id.slice(0, 12), href: `/traces/${id}` },
        ]}
      >
        {root !== undefined && (
          <Chip tone={outcomeTone[root.outcome]} glyph={outcomeGlyph[root.outcome]}>
            {root.outcome}
          </Chip>
        )}
      </Head>
      <Answer live={live}>
        {({ items }) => (items.length === 0 ? <Gone id={id} /> : <Shown spans={items} />)}
      </Answer>
    </div>
  );
}

function Shown({ spans }: { readonly spans: readonly Span[] }) {
  const [root] = spans;
  const note = `${spans.length} spans, began ${clockTime(root?.startedAt ?? 0)}`;
  return (
    <div className="cols">
      <Panel title="Waterfall" note={note} span={12} flush>
        <DataTable
          label="Waterfall"
          rows={waterfall(spans)}
          columns={columns}
          keyOf={({ span }) => span.spanId}
          empty="This trace has no span."
        />
      </Panel>
    </div>
  );
}

function Bar({ fall: { span, from, length } }: { readonly fall: Fall }) {
  const kind = span.outcome === 'error' ? 'error' : span.name.startsWith('db ') ? 'database' : '';
  return (
    <svg className="fall" aria-hidden="true">
      <rect
        className={kind}
        x={`${(from * 100).toFixed(2)}%`}
        y="2"
        width={`${Math.max(0.4, length * 100).toFixed(2)}%`}
        height="12"
        rx="2"
      />
    </svg>
  );
}

function Gone({ id }: { readonly id: string }) {
  return (
    <Empty
      title="No process holds this trace any more"
      icon="search"
      actions={<a href="/traces">To the traces</a>}
    >
      {`${id.slice(0, 12)} made room for newer ones. Failures and what takes over 500 ms stay longest.`}
    </Empty>
  );
}
