import { type CellContext, cellParts } from './cell-parts.ts';
import { type CellNode, createCell } from './cell-node.ts';
import type { Column, Row } from './column.ts';
import { make, setAttribute, setClass } from './dom.ts';

/** What all rows of a grid have in common. */
export interface RowLook<row extends Row> extends CellContext {
  readonly columns: readonly Column<row>[];
  readonly phone: boolean;
  readonly selectable: boolean;
  /** What a row is called: «Select INV-2026-000123». */
  rowName(row: row): string;
  selectLabel(name: string): string;
}

/** What one row is at the moment. */
export interface RowState {
  readonly rank: number;
  readonly selected: boolean;
  /** The cursor row: its preview is open. */
  readonly current: boolean;
  readonly gone: boolean;
  /** Words in place of cells where the row could not be loaded. */
  readonly failure: string | undefined;
}

/** A pooled row: written by hand, so that a frame of scrolling costs no framework. */
export class RowNode<row extends Row> {
  readonly element = make('div', 'gr');
  rank = -1;
  row: row | undefined;
  readonly cells: readonly CellNode[];
  readonly #box: HTMLInputElement | undefined;
  readonly #look: RowLook<row>;
  #failed: HTMLElement | undefined;
  #written: row | undefined;

  constructor(look: RowLook<row>) {
    this.#look = look;
    this.element.setAttribute('role', 'row');
    if (look.selectable && !look.phone) {
      const cell = make('div', 'ck', this.element);
      cell.setAttribute('role', 'gridcell');
      cell.tabIndex = -1;
      this.#box = make('input', 'box', cell);
      this.#box.type = 'checkbox';
      this.#box.tabIndex = -1;
    }
    this.cells = look.columns.map((column) => createCell(column, look.phone));
    for (const { element } of this.cells) this.element.appendChild(element);
    for (const [at, cell] of [...this.element.children].entries()) {
      cell.setAttribute('aria-colindex', String(at + 1));
    }
  }

  /** The cell at a column, the box's first where rows can be selected. */
  cellAt(column: number): HTMLElement | undefined {
    const cell = this.element.children[column];
    return cell instanceof HTMLElement ? cell : undefined;
  }

  show(row: row | undefined, state: RowState): void {
    const { rank, selected, current, gone, failure } = state;
    this.rank = rank;
    this.row = row;
    const classes = ['gr', row === undefined && 'bones', current && 'at', gone && 'gone'];
    const tinted = this.element.classList.contains('tint') && this.#written?.id === row?.id;
    setClass(this.element, [...classes, tinted && 'tint'].filter(Boolean).join(' '));
    setAttribute(this.element, 'aria-rowindex', String(rank + 2));
    setAttribute(
      this.element,
      'aria-selected',
      this.#look.selectable ? String(selected) : undefined,
    );
    setAttribute(this.element, 'aria-busy', row === undefined ? 'true' : undefined);
    if (this.#box !== undefined) this.#box.checked = selected;
    this.#showFailure(failure);
    if (row !== this.#written) this.#write(row);
  }

  tint(): void {
    this.element.classList.remove('tint');
    // Reading the width lets the animation begin anew.
    void this.element.offsetWidth;
    this.element.classList.add('tint');
  }

  #write(row: row | undefined): void {
    this.#written = row;
    const { columns, rowName, selectLabel } = this.#look;
    for (const [at, column] of columns.entries()) {
      const value = row === undefined ? undefined : column.value(row);
      this.cells[at]?.write(cellParts(column, value, this.#look));
    }
    if (this.#box === undefined) return;
    this.#box.disabled = row === undefined;
    this.#box.setAttribute('aria-label', row === undefined ? '' : selectLabel(rowName(row)));
  }

  #showFailure(failure: string | undefined): void {
    if (failure === undefined) {
      this.#failed?.remove();
      this.#failed = undefined;
      return;
    }
    if (this.#failed !== undefined) return;
    const button = make('button', 'link retry', this.cells[0]?.element);
    button.type = 'button';
    button.dataset['retry'] = '';
    button.textContent = failure;
    this.#failed = button;
  }
}
