/** What a key asks of the grid. */
export type GridCommand =
  | { readonly type: 'move'; readonly rows: number; readonly columns: number }
  | { readonly type: 'page'; readonly direction: 1 | -1 }
  | { readonly type: 'edge'; readonly edge: 'row-start' | 'row-end' | 'list-start' | 'list-end' }
  | { readonly type: 'toggle'; readonly range: boolean }
  | { readonly type: 'select-all' | 'open' | 'leave' | 'preview' };

interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

const moves: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
};

/**
 * The ARIA grid pattern's keys: ui-kit.md §4.5.
 *
 * @param rtl the arrows to the sides turn round with the direction of writing.
 */
export function commandOf(event: Key, rtl: boolean): GridCommand | undefined {
  const { key, altKey } = event;
  if (altKey) return undefined;
  const ctrl = event.ctrlKey || event.metaKey;
  const move = moves[key];
  if (move !== undefined) {
    return ctrl ? undefined : { type: 'move', rows: move[0], columns: rtl ? -move[1] : move[1] };
  }
  if (ctrl) return withCtrl(key);
  return plain(key, event.shiftKey);
}

function withCtrl(key: string): GridCommand | undefined {
  if (key === 'Home') return { type: 'edge', edge: 'list-start' };
  if (key === 'End') return { type: 'edge', edge: 'list-end' };
  return key === 'a' ? { type: 'select-all' } : undefined;
}

function plain(key: string, shift: boolean): GridCommand | undefined {
  switch (key) {
    case 'Home':
      return { type: 'edge', edge: 'row-start' };
    case 'End':
      return { type: 'edge', edge: 'row-end' };
    case 'PageDown':
      return { type: 'page', direction: 1 };
    case 'PageUp':
      return { type: 'page', direction: -1 };
    case ' ':
      return { type: 'toggle', range: shift };
    case 'Enter':
      return { type: 'open' };
    case 'Escape':
      return { type: 'leave' };
    case 'p':
      return { type: 'preview' };
    default:
      return undefined;
  }
}
