import { type RefObject, useEffect, useRef, useState } from 'react';

import { useLocale } from '../core/locale.tsx';
import { useGridWords } from './grid-words.ts';
import type { Column, Row } from './column.ts';
import { GridView, type ViewState } from './grid-view.ts';
import type { RowSource } from './row-source.ts';

export interface Jump {
  readonly rank: number;
  readonly key: string;
  /** How far down the list, 0 to 1. */
  readonly part: number;
}

interface Setup<row extends Row> {
  readonly box: RefObject<HTMLElement | null>;
  readonly body: RefObject<HTMLElement | null>;
  readonly source: RowSource<row>;
  readonly columns: readonly Column<row>[];
  readonly phone: boolean;
  readonly selectable: boolean;
  readonly state: ViewState;
  rowName(row: row): string;
}

/** Where a view was when another took its place. */
interface Kept<row extends Row> {
  readonly source: RowSource<row>;
  readonly rank: number;
  readonly active: { readonly rank: number; readonly column: number };
  readonly hadFocus: boolean;
}

function restore<row extends Row>(
  view: GridView<row>,
  { rank, active, hadFocus }: Kept<row>,
): void {
  view.scrollTo(rank);
  if (hadFocus) view.focus(active.rank, active.column);
  else view.activate(active.rank, active.column);
}

/** The view's life beside the component's: made anew for other columns, kept where it was scrolled to. */
export function useGridView<row extends Row>(
  setup: Setup<row>,
): {
  readonly view: RefObject<GridView<row> | undefined>;
  readonly jump: Jump | undefined;
} {
  const { box, body, source, columns, phone, selectable, state } = setup;
  const locale = useLocale();
  const words = useGridWords();
  const view = useRef<GridView<row> | undefined>(undefined);
  const latest = useRef(setup);
  latest.current = setup;
  const kept = useRef<Kept<row> | undefined>(undefined);
  const [, redraw] = useState(0);
  const [jump, setJump] = useState<Jump | undefined>(undefined);
  const layout = columns.map(({ id }) => id).join();
  useEffect(() => {
    if (box.current === null || body.current === null) return undefined;
    const made = new GridView<row>(box.current, body.current, {
      source,
      look: {
        columns: latest.current.columns,
        phone,
        selectable,
        formats: locale.formats,
        today: locale.today,
        retryLabel: `${words('grid_row_failed')}. ${words('retry')}`,
        rowName: (row) => latest.current.rowName(row),
        selectLabel: (name) => words('grid_select', { name }),
      },
      state: latest.current.state,
      events: { onChange: () => redraw((n) => n + 1), onJump: setJump },
    });
    view.current = made;
    if (kept.current?.source === source) restore(made, kept.current);
    return () => {
      const hadFocus = body.current?.contains(document.activeElement) === true;
      kept.current = { source, rank: made.topRank, active: made.active, hadFocus };
      made.close();
      view.current = undefined;
    };
  }, [box, body, source, layout, phone, selectable, locale, words]);
  const { selection, current, ruler } = state;
  useEffect(() => view.current?.set({ selection, current, ruler }), [selection, current, ruler]);
  return { view, jump };
}
