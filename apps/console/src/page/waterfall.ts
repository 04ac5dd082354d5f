import type { Span } from '../answers.ts';

export interface Fall {
  readonly span: Span;
  readonly depth: number;
  /** Parts of the whole, 0 to 1. */
  readonly from: number;
  readonly length: number;
  /** Milliseconds in no child: its own work, and what nobody measures. */
  readonly ownMs: number;
}

/** Each span below its parent, in the order in which they began, with its place in the whole. */
export function waterfall(spans: readonly Span[]): Fall[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const begin = Math.min(...spans.map(({ startedAt }) => startedAt));
  const end = Math.max(...spans.map(({ startedAt, tookMs }) => startedAt + tookMs));
  const wholeMs = Math.max(0.001, end - begin);
  const inOrder = spans.toSorted((one, other) => one.startedAt - other.startedAt);
  const falls: Fall[] = [];
  const place = (span: Span, depth: number): void => {
    const children = inOrder.filter(({ parentId }) => parentId === span.spanId);
    falls.push({
      span,
      depth,
      from: (span.startedAt - begin) / wholeMs,
      length: span.tookMs / wholeMs,
      ownMs: Math.max(0, span.tookMs - coveredMs(span, children)),
    });
    for (const child of children) place(child, depth + 1);
  };
  for (const span of inOrder) {
    if (span.parentId === undefined || !ids.has(span.parentId)) place(span, 0);
  }
  return falls;
}

/** Children may run at once: what two cover counts once. */
function coveredMs({ startedAt, tookMs }: Span, children: readonly Span[]): number {
  let covered = 0;
  let until = startedAt;
  for (const child of children) {
    const to = Math.min(child.startedAt + child.tookMs, startedAt + tookMs);
    covered += Math.max(0, to - Math.max(until, child.startedAt));
    until = Math.max(until, to);
  }
  return covered;
}
