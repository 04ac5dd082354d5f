import { type KeyboardEvent, type ReactNode, useSyncExternalStore } from 'react';

import { Button, IconButton } from '../core/button.tsx';
import type { Path } from './path.ts';
import { readTable } from './paste.ts';
import { fieldId, type Form } from './use-form.ts';

export interface LineColumn {
  /** The line's field. */
  readonly id: string;
  readonly label: string;
  readonly end?: boolean | undefined;
  /** Utilities for its width: `w-24`. */
  readonly className?: string | undefined;
  /** A bare field at `path`. */
  cell(path: Path): ReactNode;
  /** Reads a pasted cell; undefined: it does not fit, and the text stays for a person to see. */
  paste?(text: string): unknown;
}

interface LinesProps {
  readonly form: Form;
  /** Path of the list. */
  readonly name: Path;
  readonly label: string;
  readonly columns: readonly LineColumn[];
  /** At the end of each line: its net amount. */
  sum?(line: unknown): ReactNode;
  readonly sumLabel?: string | undefined;
  /** A new line. */
  create(): unknown;
  readonly linesMax: number;
}

/**
 * A table of lines: Tab moves on, Enter begins a line, Alt+↑↓ moves one, Ctrl+Z steps back, a paste from a
 * spreadsheet fills cells.
 */
export function LinesTable(props: LinesProps) {
  const { form, name, label, columns, sum, sumLabel, create, linesMax } = props;
  const { store, words } = form;
  const lines = useSyncExternalStore(store.subscribe, () => listAt(form, name));
  const set = (next: readonly unknown[]) => store.set(name, next);
  const add = (at: number) => {
    if (lines.length >= linesMax) return;
    set(lines.toSpliced(at, 0, create()));
    focusCell(`${name}.${at}.${columns[0]?.id ?? ''}`);
  };
  return (
    <div className="scroll">
      <table
        className="tbl lines"
        aria-label={label}
        onPaste={(event) => paste(event, props, lines)}
      >
        <thead>
          <tr>
            {columns.map(({ id, label: title, end, className }) => (
              <th
                key={id}
                scope="col"
                className={[end === true && 'end', className].filter(Boolean).join(' ')}
              >
                {title}
              </th>
            ))}
            {sum !== undefined && <th className="end">{sumLabel}</th>}
            <td />
          </tr>
        </thead>
        <tbody>
          {lines.map((line, at) => (
            // oxlint-disable-next-line react/no-array-index-key -- a line is its place: it has no id before it is saved
            <tr key={at} onKeyDown={(event) => onKey(event, { at, lines, set, add, form, name })}>
              {columns.map(({ id, cell }) => (
                <td key={id}>{cell(`${name}.${at}.${id}`)}</td>
              ))}
              {sum !== undefined && <td className="end num sumcell">{sum(line)}</td>}
              <td className="act">
                <IconButton
                  icon="close"
                  label={words('lines_remove', { n: at + 1 })}
                  onClick={() => set(lines.toSpliced(at, 1))}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Button look="quiet" icon="plus" onClick={() => add(lines.length)}>
        {words('lines_add')}
      </Button>
    </div>
  );
}

function listAt({ store }: Form, name: Path): readonly unknown[] {
  const value = store.get(name);
  return Array.isArray(value) ? value : noLines;
}

const noLines: readonly unknown[] = [];

interface LineKeys {
  readonly at: number;
  readonly lines: readonly unknown[];
  readonly form: Form;
  readonly name: Path;
  set(lines: readonly unknown[]): void;
  add(at: number): void;
}

function onKey(event: KeyboardEvent<HTMLElement>, keys: LineKeys): void {
  const { at, lines, form, set, add } = keys;
  const { key, altKey, ctrlKey, metaKey } = event;
  const by = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (altKey && by !== undefined && lines[at + by] !== undefined) {
    set(lines.toSpliced(at, 1).toSpliced(at + by, 0, lines[at]));
    const id = event.target instanceof HTMLElement ? event.target.id : '';
    requestAnimationFrame(() =>
      document.getElementById(id.replace(/-\d+-/u, `-${at + by}-`))?.focus(),
    );
  } else if (key === 'Enter' && !ctrlKey && event.target instanceof HTMLInputElement) {
    if (event.target.getAttribute('aria-expanded') === 'true') return;
    add(at + 1);
  } else if (key === 'z' && (ctrlKey || metaKey)) form.store.undo();
  else return;
  event.preventDefault();
}

function focusCell(path: Path): void {
  requestAnimationFrame(() => document.getElementById(fieldId(path))?.focus());
}

/** A table from a spreadsheet lands from the focused cell on; cells that do not fit keep their old value. */
function paste(
  event: { clipboardData: DataTransfer; target: EventTarget; preventDefault(): void },
  props: LinesProps,
  lines: readonly unknown[],
): void {
  const { name, columns, create, linesMax, form } = props;
  const rows = readTable(event.clipboardData.getData('text/plain'));
  const place = event.target instanceof HTMLElement ? placeOf(event.target.id, name) : undefined;
  if (place === undefined || (rows.length === 1 && rows[0]?.length === 1)) return;
  event.preventDefault();
  const from = columns.slice(columns.findIndex(({ id }) => id === place.column));
  const next = [...lines];
  for (const [offset, cells] of rows.slice(0, linesMax - place.line).entries()) {
    const at = place.line + offset;
    next[at] = withCells(next[at] ?? create(), from, cells);
  }
  form.store.set(name, next);
}

function withCells(
  line: unknown,
  columns: readonly LineColumn[],
  cells: readonly string[],
): unknown {
  const read = cells.flatMap((text, at): [string, unknown][] => {
    const column = columns[at];
    if (column === undefined) return [];
    const value = column.paste === undefined ? text : column.paste(text);
    return value === undefined ? [] : [[column.id, value]];
  });
  return { ...toFields(line), ...Object.fromEntries(read) };
}

function toFields(line: unknown): object {
  return typeof line === 'object' && line !== null ? line : {};
}

function placeOf(id: string, name: Path): { line: number; column: string } | undefined {
  const prefix = `${fieldId(name)}-`;
  const [, line, column] = /^(\d+)-(.+)$/u.exec(id.slice(prefix.length)) ?? [];
  if (!id.startsWith(prefix) || line === undefined || column === undefined) return undefined;
  return { line: Number(line), column };
}
