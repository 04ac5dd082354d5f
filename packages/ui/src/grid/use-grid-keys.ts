import type { KeyboardEvent, MouseEvent } from 'react';

import type { Row } from './column.ts';
import { type GridSetup, runCommand, select } from './grid-commands.ts';
import { commandOf } from './keys.ts';
import type { Selection } from './selection.ts';

/** What keys and clicks do in a grid. */
export function useGridKeys<row extends Row>(
  setup: GridSetup<row>,
): {
  onKeyDown(event: KeyboardEvent<HTMLElement>): void;
  onClick(event: MouseEvent<HTMLElement>): void;
  onDoubleClick(event: MouseEvent<HTMLElement>): void;
  onLongPress(target: EventTarget | null): void;
} {
  const { view, source, open, phone, onCurrent } = setup;
  const rowAt = (target: EventTarget | null) => {
    const place = view.current?.placeOf(target);
    return place && { ...place, row: source.rowAt(place.rank) };
  };
  return {
    onKeyDown(event) {
      const rtl = getComputedStyle(event.currentTarget).direction === 'rtl';
      const command = commandOf(event, rtl);
      if (command === undefined || isTyped(event)) return;
      if (runCommand(setup, command, event.target)) event.preventDefault();
    },
    onClick(event) {
      if (isInside(event.target, '[data-retry]')) source.retry();
      const found = rowAt(event.target);
      if (found?.row === undefined || isInside(event.target, 'a[href], [data-retry]')) return;
      view.current?.activate(found.rank, found.column);
      if (isInside(event.target, '.ck') || (phone && isChoosing(setup.selection))) {
        select(setup, found.rank, event.shiftKey);
      } else if (phone || onCurrent === undefined) open?.(found.row.id);
      else onCurrent(found.row.id);
    },
    onDoubleClick(event) {
      const found = rowAt(event.target);
      if (found?.row !== undefined && !isInside(event.target, '.ck')) open?.(found.row.id);
    },
    onLongPress(target) {
      const found = rowAt(target);
      if (found !== undefined) select(setup, found.rank, false);
    },
  };
}

function isInside(target: EventTarget | null, selector: string): boolean {
  return target instanceof Element && target.closest(selector) !== null;
}

/** After a long press a tap goes on choosing. */
function isChoosing(selection: Selection): boolean {
  return selection.kind === 'predicate' || selection.ids.size > 0;
}

/** Keys belong to a field inside the grid, or to a button of the header. */
function isTyped({ target, key }: KeyboardEvent<HTMLElement>): boolean {
  if (target instanceof HTMLInputElement) return key === ' ' && target.type === 'checkbox';
  return target instanceof HTMLButtonElement && (key === ' ' || key === 'Enter');
}
