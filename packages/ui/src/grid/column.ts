import type { Money } from '../format/index.ts';
import type { GlyphName } from '../core/icon.tsx';
import type { Tone } from '../core/chip.tsx';

/** Every row of a list: the id names it, the version is its ETag. */
export interface Row {
  readonly id: string;
  readonly version: string;
}

export type CellKind =
  | 'text'
  | 'money'
  | 'number'
  | 'date'
  | 'instant'
  | 'status'
  | 'link'
  | 'check';

export type CellTone = 'muted' | 'strong' | 'danger';

/** A state: glyph, word and soft plane. */
export interface Status {
  readonly label: string;
  readonly tone: Tone;
  readonly glyph: GlyphName;
}

/** A value and how it stands: `{ value: '2026-11-12', note: '+11 d', noteTone: 'danger' }`. */
export interface Styled {
  /** As the column's kind takes it: a date for `date`, money for `money`. A date's kind shows other text as it is. */
  readonly value: Plain;
  readonly tone?: CellTone | undefined;
  /** After the value. */
  readonly note?: string | undefined;
  readonly noteTone?: 'danger' | 'warn' | undefined;
  /** The cell is a link. */
  readonly href?: string | undefined;
}

/**
 * By kind: text and link take strings, money `Money`, number a number, date `YYYY-MM-DD`, instant RFC 3339,
 * status `Status`, check a boolean. Null and undefined are an empty cell.
 */
export type Plain = string | number | boolean | Money | Status | null | undefined;
export type CellValue = Plain | Styled;

/** What a column can be filtered by: its type decides the operators. */
export type FilterKind =
  | { readonly type: 'text' | 'number' | 'date' | 'bool' }
  | { readonly type: 'money'; readonly currency: string }
  | { readonly type: 'enum'; readonly options: readonly FilterOption[] };

export interface FilterOption {
  readonly value: string;
  readonly label: string;
}

export interface Column<row extends Row> {
  /** The field's name in `f=`, `sort=` and the summary's amounts. */
  readonly id: string;
  readonly title: string;
  readonly kind: CellKind;
  value(row: row): CellValue;
  /** px, 48 to 800. */
  readonly width: number;
  /** Takes the width that is left; one column, the one with names. */
  readonly grow?: true;
  /** `scan` sorts without an index: the header says «slower». */
  readonly sort?: 'index' | 'scan';
  readonly filter?: FilterKind;
  /** The summary has its sum: it shows in the totals row. */
  readonly sum?: true;
  /** Money without its code: the column before it says the currency. */
  readonly bare?: true;
  /** Its place in the two lines of a phone's row. */
  readonly phone?: 'title' | 'subtitle' | 'amount' | 'chip';
  /** Leaves when the grid is narrower than 940 px. */
  readonly narrow?: 'hide';
  /** Not shown until it is chosen. */
  readonly hidden?: true;
}

export const columnWidthMin = 48;
export const columnWidthMax = 800;
