type Resize = (column: number, widthPx: number) => void;

const stepPx = 16;
const steps: Readonly<Record<string, number>> = { ArrowLeft: -stepPx, ArrowRight: stepPx };

/** Shift+Alt+← and → on a header change its width. @returns whether this was one of them. */
export function resizeStepOf(event: KeyboardEvent, resize: Resize): boolean {
  const step = steps[event.key];
  const cell = headerOf(event.target);
  if (!event.shiftKey || !event.altKey || step === undefined || cell === undefined) return false;
  resize(indexOf(cell), cell.offsetWidth + step);
  return true;
}

/** Follows the pointer from a header's edge until it is let go. */
export function dragWidth(down: PointerEvent, resize: Resize): void {
  const cell = headerOf(down.target);
  if (cell === undefined || !(down.target instanceof HTMLElement)) return;
  down.preventDefault();
  const handle = down.target;
  const rtl = getComputedStyle(cell).direction === 'rtl' ? -1 : 1;
  const [from, width, column] = [down.clientX, cell.offsetWidth, indexOf(cell)];
  const end = new AbortController();
  const { signal } = end;
  handle.setPointerCapture(down.pointerId);
  const move = ({ clientX }: PointerEvent) =>
    resize(column, Math.round(width + (clientX - from) * rtl));
  handle.addEventListener('pointermove', move, { signal });
  for (const kind of ['pointerup', 'pointercancel'] as const) {
    handle.addEventListener(kind, () => end.abort(), { signal });
  }
}

function headerOf(target: EventTarget | null): HTMLElement | undefined {
  const cell = target instanceof Element ? target.closest('[role="columnheader"]') : null;
  return cell instanceof HTMLElement ? cell : undefined;
}

function indexOf(cell: HTMLElement): number {
  return Number(cell.getAttribute('aria-colindex')) - 1;
}
