import {
  amount,
  codeStands,
  count,
  day,
  type Formats,
  instant,
  isDay,
  type Money,
  type PlainDate,
} from '../format/index.ts';
import type { CellTone, CellValue, Column, Plain, Row, Status, Styled } from './column.ts';

/** What a cell shows, ready to be written into its nodes. */
export interface CellParts {
  /** The currency's code before the figures, muted. */
  readonly lead: string;
  readonly text: string;
  /** The code after them. */
  readonly tail: string;
  readonly note: string;
  readonly noteTone: string;
  readonly tone: CellTone | '';
  readonly href: string;
  readonly status: Status | undefined;
}

export interface CellContext {
  readonly formats: Formats;
  readonly today: PlainDate;
}

const empty: CellParts = {
  lead: '',
  text: '',
  tail: '',
  note: '',
  noteTone: '',
  tone: '',
  href: '',
  status: undefined,
};

/** Turns a column's value into what its cell shows. An empty value is an empty cell. */
export function cellParts<row extends Row>(
  column: Pick<Column<row>, 'kind' | 'bare'>,
  value: CellValue,
  context: CellContext,
): CellParts {
  const styled = isStyled(value) ? value : { value };
  const parts = plainParts(column, styled.value, context);
  return {
    ...parts,
    note: styled.note ?? '',
    noteTone: styled.noteTone ?? '',
    tone: styled.tone ?? parts.tone,
    href: styled.href ?? '',
  };
}

function plainParts<row extends Row>(
  column: Pick<Column<row>, 'kind' | 'bare'>,
  value: Plain,
  context: CellContext,
): CellParts {
  if (value === null || value === undefined) return empty;
  if (typeof value === 'object') {
    return 'minor' in value ? moneyParts(value, column.bare === true, context) : statusParts(value);
  }
  return { ...empty, text: textOf(column.kind, value, context) };
}

function moneyParts(value: Money, bare: boolean, { formats }: CellContext): CellParts {
  const code = bare ? '' : value.currency;
  const before = codeStands(formats) === 'before';
  return {
    ...empty,
    lead: before ? code : '',
    text: amount(value, formats),
    tail: before ? '' : code,
    tone: value.minor === 0 ? 'muted' : '',
  };
}

function statusParts(status: Status): CellParts {
  return { ...empty, text: status.label, status };
}

function textOf(
  kind: Column<Row>['kind'],
  value: string | number | boolean,
  { formats, today }: CellContext,
): string {
  if (typeof value === 'boolean') return value ? '✓' : '';
  if (typeof value === 'number') return count(value, formats);
  if (kind === 'date' && isDay(value)) return day(value, formats, { shortBefore: today });
  const at = kind === 'instant' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? value : instant(at, formats);
}

function isStyled(value: CellValue): value is Styled {
  return typeof value === 'object' && value !== null && 'value' in value;
}

/** The cell as plain text: for speech, for copies, for the page of a printed table. */
export function partsText({ lead, text, tail, note }: CellParts): string {
  return [lead, text, tail, note].filter((part) => part !== '').join(' ');
}
