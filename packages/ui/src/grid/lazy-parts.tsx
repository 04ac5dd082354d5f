import { lazy, Suspense } from 'react';

import { Skeleton } from '../core/states.tsx';
import type { EditorProps } from './clause-editor.tsx';
import type { Row } from './column.ts';
import type { FooterProps } from './grid-footer.tsx';
import type { PageTableProps } from './page-table.tsx';
import type { SelectionBarProps } from './selection-bar.tsx';

// What a list does not show at first comes when it is asked for.

const Editor = lazy(async () => {
  const module = await import('./clause-editor.tsx');
  return { default: module.ClauseEditor };
});

export function ClauseEditor(props: EditorProps) {
  return (
    <Suspense fallback={<Skeleton />}>
      <Editor {...props} />
    </Suspense>
  );
}

const Bar = lazy(async () => {
  const module = await import('./selection-bar.tsx');
  return { default: module.SelectionBar };
});

/** What can be done with the selected rows; it floats above the list's end. */
export function SelectionBar(props: SelectionBarProps) {
  if (props.count === 0) return null;
  return (
    <Suspense fallback={null}>
      <Bar {...props} />
    </Suspense>
  );
}

const Table = lazy(async () => {
  const module = await import('./page-table.tsx');
  return { default: module.PageTable<Row> };
});

/** The same list as pages of a plain table. */
export function PageTable<row extends Row>(props: PageTableProps<row>) {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- columns and pages are of the same rows; `lazy` has no type parameter to say so
  const plain = props as unknown as PageTableProps<Row>;
  return (
    <Suspense fallback={<Skeleton lines={12} />}>
      <Table {...plain} />
    </Suspense>
  );
}

const Footer = lazy(async () => {
  const module = await import('./grid-footer.tsx');
  return { default: module.GridFooter<Row> };
});

/** Totals come after the rows, and so does what shows them; its place is kept. */
export function GridFooter<row extends Row>(props: FooterProps<row>) {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- columns are of the rows; `lazy` has no type parameter to say so
  const plain = props as unknown as FooterProps<Row>;
  return (
    <Suspense fallback={<div className="gf" />}>
      <Footer {...plain} />
    </Suspense>
  );
}
