import type { Row } from './column.ts';
import { type GridSetup, runCommand, select } from './grid-commands.ts';
import { commandOf } from './keys.ts';
import { dragWidth, resizeStepOf } from './resize.ts';
import type { Selection } from './selection.ts';

const longPressMs = 500;

/**
 * Does what keys, clicks and fingers ask for in a grid, until the signal ends it.
 *
 * @param setupNow what the grid is at the moment of the event.
 */
export function listenToGrid<row extends Row>(
  grid: HTMLElement,
  setupNow: () => GridSetup<row>,
  signal: AbortSignal,
): void {
  grid.addEventListener('keydown', (event) => onKey(grid, setupNow(), event), { signal });
  grid.addEventListener('click', (event) => onClick(setupNow(), event), { signal });
  grid.addEventListener('dblclick', ({ target }) => onDoubleClick(setupNow(), target), { signal });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => clearTimeout(timer);
  const press = (event: PointerEvent) => {
    stop();
    const { pointerType, target } = event;
    if (isInside(target, '.size')) dragWidth(event, setupNow().onResize);
    if (pointerType !== 'touch') return;
    timer = setTimeout(() => onLongPress(setupNow(), target), longPressMs);
  };
  grid.addEventListener('pointerdown', press, { signal });
  for (const kind of ['pointerup', 'pointermove', 'pointercancel'] as const) {
    grid.addEventListener(kind, stop, { signal });
  }
  signal.addEventListener('abort', stop);
}

function onKey<row extends Row>(
  grid: HTMLElement,
  setup: GridSetup<row>,
  event: KeyboardEvent,
): void {
  if (resizeStepOf(event, setup.onResize)) {
    event.preventDefault();
    return;
  }
  const command = commandOf(event, getComputedStyle(grid).direction === 'rtl');
  if (command === undefined || event.target === null || isTyped(event)) return;
  if (runCommand(setup, command, event.target)) event.preventDefault();
}

function onClick<row extends Row>(setup: GridSetup<row>, event: MouseEvent): void {
  const { source, view, phone, open, onCurrent } = setup;
  if (isInside(event.target, '[data-retry]')) source.retry();
  const found = rowAt(setup, event.target);
  if (found?.row === undefined || isInside(event.target, 'a[href], [data-retry]')) return;
  view.current?.activate(found.rank, found.column);
  if (isInside(event.target, '.ck') || (phone && isChoosing(setup.selection))) {
    select(setup, found.rank, event.shiftKey);
  } else if (phone || onCurrent === undefined) open?.(found.row.id);
  else onCurrent(found.row.id);
}

function onDoubleClick<row extends Row>(setup: GridSetup<row>, target: EventTarget | null): void {
  const id = rowAt(setup, target)?.row?.id;
  if (id !== undefined && !isInside(target, '.ck')) setup.open?.(id);
}

function onLongPress<row extends Row>(setup: GridSetup<row>, target: EventTarget | null): void {
  const found = rowAt(setup, target);
  if (found !== undefined) select(setup, found.rank, false);
}

function rowAt<row extends Row>({ view, source }: GridSetup<row>, target: EventTarget | null) {
  const place = view.current?.placeOf(target);
  return place && { ...place, row: source.rowAt(place.rank) };
}

function isInside(target: EventTarget | null, selector: string): boolean {
  return target instanceof Element && target.closest(selector) !== null;
}

/** After a long press a tap goes on choosing. */
function isChoosing(selection: Selection): boolean {
  return selection.kind === 'predicate' || selection.ids.size > 0;
}

/** Keys belong to a field inside the grid, or to a button of the header. */
function isTyped({ target, key }: KeyboardEvent): boolean {
  if (target instanceof HTMLInputElement) return key === ' ' && target.type === 'checkbox';
  return target instanceof HTMLButtonElement && (key === ' ' || key === 'Enter');
}
