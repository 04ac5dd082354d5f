import { Empty, Note, Skeleton } from '@plinth/ui/core';
import type { ReactNode } from 'react';

import { clockTime } from './format.ts';
import type { Live } from './live.ts';

interface AnswerProps<answer> {
  readonly live: Live<answer>;
  children(data: answer): ReactNode;
}

/** What a page shows before its first answer, and above an answer that no newer one follows. */
export function Answer<answer extends { readonly asOf: number }>({
  live,
  children,
}: AnswerProps<answer>) {
  const { data, trouble } = live;
  if (data === undefined) {
    if (trouble === undefined) return <Skeleton lines={8} />;
    return <Note tone="danger">The console does not answer. It is asked again every 5 s.</Note>;
  }
  return (
    <>
      {trouble !== undefined && (
        <Note tone="warn">The console does not answer; this is as of {clockTime(data.asOf)}.</Note>
      )}
      {data.asOf === 0 ? <NothingYet /> : children(data)}
    </>
  );
}

function NothingYet() {
  return (
    <Empty title="No process has said anything yet" icon="gauge">
      Start the product with <code>npm start</code>, in the same data folder as this console. Its
      figures are here 5 s later.
    </Empty>
  );
}
