/** A row to draw, or the height of rows that are not. */
export type Slot =
  | { readonly kind: 'row'; readonly at: number }
  | { readonly kind: 'gap'; readonly from: number; readonly px: number };

export const rowPx = 40;
/** Up to here all rows are drawn. */
export const drawnMax = 100;
const aheadRows = 15;

interface Seen {
  /** Where the first row is against the view's top, px; negative: scrolled past. */
  readonly topPx: number;
  readonly viewPx: number;
}

/** Of many rows those in sight and a few around them, and the one with the focus wherever it is. */
export function slotsOf(count: number, { topPx, viewPx }: Seen, focused?: number): readonly Slot[] {
  const first = count <= drawnMax ? 0 : Math.max(0, Math.floor(-topPx / rowPx) - aheadRows);
  const last =
    count <= drawnMax
      ? count - 1
      : Math.min(count - 1, Math.ceil((viewPx - topPx) / rowPx) + aheadRows);
  const rows = Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => first + n);
  const outside = focused !== undefined && focused < count && (focused < first || focused > last);
  const drawn = outside ? [...rows, focused].toSorted((a, b) => a - b) : rows;
  const slots: Slot[] = [];
  let next = 0;
  for (const at of drawn) {
    if (at > next) slots.push({ kind: 'gap', from: next, px: (at - next) * rowPx });
    slots.push({ kind: 'row', at });
    next = at + 1;
  }
  if (next < count) slots.push({ kind: 'gap', from: next, px: (count - next) * rowPx });
  return slots;
}
