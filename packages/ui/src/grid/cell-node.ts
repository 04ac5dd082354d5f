import { spriteUrl } from '../core/sprite.ts';
import type { CellParts } from './cell-parts.ts';
import type { Column, Row } from './column.ts';
import { make, makeGlyph, makeText, setAttribute, setClass, setText } from './dom.ts';

/** One cell's element and what writes into it. */
export interface CellNode {
  readonly element: HTMLElement;
  write(parts: CellParts): void;
}

/** @param phone the cell stands in the slots of a phone's two lines. */
export function createCell<row extends Row>(column: Column<row>, phone: boolean): CellNode {
  const element = make('div', '');
  element.setAttribute('role', 'gridcell');
  element.tabIndex = -1;
  const base = classOf(column, phone);
  const write = column.kind === 'status' ? statusWriter(element) : textWriter(element, column);
  return {
    element,
    write(parts) {
      setClass(element, parts.tone === '' ? base : `${base} ${parts.tone}`);
      write(parts);
    },
  };
}

/** Figures are tabular; amounts stand at the end. */
function classOf<row extends Row>({ kind, phone }: Column<row>, isPhone: boolean): string {
  const figures = ['money', 'number', 'date', 'instant', 'link'].includes(kind) ? 'num' : '';
  const side = isEndAligned(kind) && !isPhone ? 'end' : '';
  return [figures, side, isPhone && phone !== undefined ? `p-${phone}` : '']
    .filter((name) => name !== '')
    .join(' ');
}

export function isEndAligned(kind: Column<Row>['kind']): boolean {
  return kind === 'money' || kind === 'number';
}

function statusWriter(element: HTMLElement): (parts: CellParts) => void {
  const chip = make('span', 'chip', element);
  const glyph = makeGlyph(chip);
  const text = makeText(chip);
  return ({ status }) => {
    chip.hidden = status === undefined;
    if (status === undefined) return;
    setClass(chip, `chip ${status.tone}`);
    setAttribute(glyph, 'href', `${spriteUrl}#g-${status.glyph}`);
    setText(text, status.label);
  };
}

function textWriter<row extends Row>(
  element: HTMLElement,
  { kind }: Column<row>,
): (parts: CellParts) => void {
  const lead = kind === 'money' ? makeText(make('span', 'cur', element)) : undefined;
  // A name of any script stands for itself and does not turn its neighbours round.
  const host = kind === 'text' ? make('bdi', '', element) : element;
  const link = make('a', 'link', host);
  link.tabIndex = -1;
  const linkText = makeText(link);
  const text = makeText(host);
  const tail = kind === 'money' ? makeText(make('span', 'cur after', element)) : undefined;
  const note = make('span', 'note', element);
  const noteText = makeText(note);
  return (parts) => {
    if (lead !== undefined) setText(lead, parts.lead);
    const linked = parts.href !== '';
    link.hidden = !linked;
    if (linked) setAttribute(link, 'href', parts.href);
    setText(linkText, linked ? parts.text : '');
    setText(text, linked ? '' : parts.text);
    if (tail !== undefined) setText(tail, parts.tail);
    note.hidden = parts.note === '';
    setClass(note, `note ${parts.noteTone}`);
    setText(noteText, parts.note);
  };
}
