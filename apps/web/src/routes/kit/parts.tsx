import { Problem } from '@plinth/core/problem';
import { useState } from 'react';

import { AgeBar, Bars, Spark } from '@plinth/ui/charts';
import {
  Button,
  Chip,
  Confirm,
  Empty,
  ErrorState,
  Head,
  Menu,
  Money,
  Note,
  Panel,
  PayLine,
  Progress,
  Skeleton,
  Steps,
  Timeline,
  useToast,
} from '@plinth/ui/core';

import { FakeForm } from './fake-form.tsx';

/** Development only: every component in its states. */
export function Page() {
  return (
    <div className="page">
      <Head title="Parts" count="32" crumbs={[{ label: 'Kit', href: '/kit' }]} actions={<Floats />}>
        <Chip tone="danger" glyph="overdue">
          Overdue 11 days
        </Chip>
      </Head>
      <div className="cols">
        <Panel title="Form" span={8}>
          <FakeForm />
        </Panel>
        <Panel title="States" span={4}>
          <States />
        </Panel>
        <Panel title="Charts" span={7} more={<a href="/kit">Report</a>}>
          <Bars
            title="Cash forecast"
            parts={['Low', 'Expected']}
            format={(value) => `${value} k`}
            bars={Array.from({ length: 13 }, (_, at) => ({
              label: `W${at + 1}`,
              parts: [100 - at * 6, 20],
              href: '/kit',
            }))}
            line={{
              label: 'Last year',
              values: Array.from({ length: 13 }, (_, at) => 90 + ((at * 37) % 40)),
            }}
          />
        </Panel>
        <Panel title="Figures" span={5}>
          <AgeBar
            buckets={[
              { label: 'Not due', value: 74, text: '74' },
              { label: '1–30', value: 12, text: '12' },
              { label: '31–60', value: 7, text: '7' },
              { label: '61–90', value: 4, text: '4' },
              { label: 'Over 90', value: 3, text: '3' },
            ]}
          />
          <p className="figure mt-4">
            <Money minor={714_000} currency="EUR" />
          </p>
          <PayLine ratio={0.4} label="40 percent paid" />
          <Progress done={0.62} failed={0.01} label="Dry run">
            <p className="muted num">62,374 good</p>
          </Progress>
          <Spark values={[3, 4, 2, null, 6, 5, 8]} limit={7} label="p95" />
          <Steps steps={['File', 'Map', 'Check', 'Import']} at={2} />
        </Panel>
      </div>
    </div>
  );
}

function Floats() {
  const toast = useToast();
  const [asked, ask] = useState(false);
  return (
    <>
      <Menu
        label="More"
        items={[
          { heading: 'Document' },
          { label: 'Edit', icon: 'edit', shortcut: 'E' },
          { label: 'Copy link', icon: 'link', onSelect: () => toast({ text: 'Copied' }) },
          null,
          { label: 'Delete', icon: 'trash', danger: true, onSelect: () => ask(true) },
        ]}
      />
      <Button
        onClick={() =>
          toast({ text: 'Draft deleted', action: { label: 'Undo', run: () => ask(true) } })
        }
      >
        Toast
      </Button>
      <Button look="primary" shortcut="N" onClick={() => ask(true)}>
        Dialog
      </Button>
      {asked && (
        <Confirm
          title="Delete the draft?"
          action="Delete"
          danger
          onConfirm={() => ask(false)}
          onClose={() => ask(false)}
        >
          <p>The draft for Acme of EUR 1,190.00 is deleted.</p>
        </Confirm>
      )}
    </>
  );
}

function States() {
  return (
    <>
      <Note tone="warn">Reports are 3 minutes behind.</Note>
      <Skeleton />
      <ErrorState
        error={
          new Problem('The database is read-only.', {
            code: 'x.y',
            kind: 'unavailable',
            context: { request: '01a2-77' },
          })
        }
        onRetry={() => undefined}
      />
      <Empty
        title="No invoices yet"
        icon="invoice"
        actions={<Button look="primary">New invoice</Button>}
      >
        The first one takes three minutes.
      </Empty>
      <Timeline
        events={[
          { id: '1', icon: 'check', tone: 'ok', text: 'Issued', time: '13 Oct' },
          {
            id: '2',
            icon: 'alert',
            tone: 'danger',
            text: 'Due date passed',
            detail: 'EUR 24.25 interest',
            time: '12 Nov',
          },
          { id: '3', icon: 'bell', text: 'Reminder goes out', time: '26 Nov', next: true },
        ]}
      />
    </>
  );
}
