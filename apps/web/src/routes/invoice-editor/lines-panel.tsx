import { type ClipboardEvent, useEffect, useReducer, useRef, useState } from 'react';

import { Button, Panel, useWords } from '@plinth/ui/core';

import english from '../../../messages/en/draft.json';
import type { DraftEditor } from './draft-editor.ts';
import { isBlank, lineColumns, type LineText } from './draft-text.ts';
import type { EditorView } from './editor-view.ts';
import { focusPath } from './line-focus.ts';
import { addLine, linesMax } from './line-keys.ts';
import { LineRow } from './line-row.tsx';
import { isTable, parseCells, pasteCells } from './paste-cells.ts';
import { drawnMax, slotsOf } from './row-window.ts';

interface LinesPanelProps {
  readonly editor: DraftEditor;
  readonly view: EditorView;
  /** Issuing was tried: all that is wrong is marked, not only what was left behind. */
  readonly attempted: boolean;
}

/** The lines as a table that is typed into; of very many only those in sight are drawn. */
export function LinesPanel({ editor, view, attempted }: LinesPanelProps) {
  const t = useWords(english);
  const { lines, currency } = view.text;
  const body = useRef<HTMLTableSectionElement>(null);
  const [focused, setFocused] = useState<number | undefined>(undefined);
  const focusedAt = lines.findIndex(({ key }) => key === focused);
  const seen = useSeen(body, lines.length > drawnMax);
  const written = lines.filter((line) => !isBlank(line)).length;
  return (
    <Panel
      title={t('lines')}
      note={t('lines_count', { n: written })}
      more={<span className="muted wide-only">{t('undo_hint')}</span>}
      flush
    >
      <div className="scroll">
        <table
          className="tbl lines"
          aria-label={t('lines')}
          aria-rowcount={lines.length + 1}
          onPaste={(event) => paste(event, editor, lines)}
        >
          <LinesHead />
          <tbody
            ref={body}
            onFocusCapture={({ target }) => setFocused(keyOf(target))}
            onBlurCapture={() => setFocused(undefined)}
          >
            {slotsOf(lines.length, seen, focusedAt < 0 ? undefined : focusedAt).map((slot) => {
              if (slot.kind === 'gap') return <Gap key={`gap ${slot.from}`} px={slot.px} />;
              const line = lines[slot.at];
              return (
                line !== undefined && (
                  <LineRow
                    key={line.key}
                    editor={editor}
                    line={line}
                    at={slot.at}
                    currency={currency}
                    marked={!isBlank(line) && (attempted || focused !== line.key)}
                  />
                )
              );
            })}
          </tbody>
        </table>
      </div>
      <LinesFoot editor={editor} view={view} focusedAt={attempted ? -1 : focusedAt} />
    </Panel>
  );
}

function LinesHead() {
  const t = useWords(english);
  return (
    <thead>
      <tr>
        <th scope="col" className="min-w-44 ps-6">
          {t('item')}
        </th>
        <th scope="col" className="end w-20">
          {t('quantity')}
        </th>
        <th scope="col" className="w-20">
          {t('unit')}
        </th>
        <th scope="col" className="end w-28">
          {t('price')}
        </th>
        <th scope="col" className="end w-20">
          {t('tax')}
        </th>
        <th scope="col" className="end w-28">
          {t('net')}
        </th>
        <th />
      </tr>
    </thead>
  );
}

function Gap({ px }: { readonly px: number }) {
  return (
    <tr aria-hidden="true">
      <td colSpan={7} ref={(cell) => cell?.style.setProperty('height', `${px}px`)} />
    </tr>
  );
}

const faultsMax = 5;

function LinesFoot({
  editor,
  view,
  focusedAt,
}: Pick<LinesPanelProps, 'editor' | 'view'> & { readonly focusedAt: number }) {
  const t = useWords(english);
  const { lines } = view.text;
  const faults = view.faults.flatMap(({ path, code }) => {
    const [, at] = /^lines\.(\d+)\./u.exec(path) ?? [];
    return at === undefined || Number(at) === focusedAt ? [] : [{ path, code, at: Number(at) }];
  });
  return (
    <div className="flex flex-col items-start gap-2 px-4 py-3">
      <Button
        look="quiet"
        icon="plus"
        off={lines.length >= linesMax ? t('too_many') : ''}
        onClick={() => addLine(editor, lines.length)}
      >
        {t('add')}
      </Button>
      {faults.length > 0 && (
        <ul className="list-none">
          {faults.slice(0, faultsMax).map(({ path, code, at }) => (
            <li key={path}>
              <button
                type="button"
                className="link text-danger"
                onClick={() => focusPath(path, lines)}
              >
                {t('line_fault', { n: at + 1, what: t(code) })}
              </button>
            </li>
          ))}
          {faults.length > faultsMax && (
            <li className="muted">{t('more_faults', { n: faults.length - faultsMax })}</li>
          )}
        </ul>
      )}
    </div>
  );
}

/** Where the table is in the scrolling page; nothing is measured while all rows are drawn. */
function useSeen(
  body: { readonly current: HTMLElement | null },
  isLong: boolean,
): { readonly topPx: number; readonly viewPx: number } {
  const [, draw] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    const scroller = body.current?.closest('main');
    if (!isLong || scroller === null || scroller === undefined) return undefined;
    let frame = 0;
    const moved = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        draw();
      });
    };
    scroller.addEventListener('scroll', moved, { passive: true });
    draw();
    return () => {
      scroller.removeEventListener('scroll', moved);
      cancelAnimationFrame(frame);
    };
  }, [body, isLong]);
  const scroller = isLong ? body.current?.closest('main') : undefined;
  if (scroller === null || scroller === undefined || body.current === null) {
    return { topPx: 0, viewPx: innerHeight };
  }
  const topPx = body.current.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  return { topPx, viewPx: scroller.clientHeight };
}

function keyOf(target: EventTarget): number | undefined {
  const [, key] = /^line-(\d+)-/u.exec(target instanceof Element ? target.id : '') ?? [];
  return key === undefined ? undefined : Number(key);
}

function paste(event: ClipboardEvent, editor: DraftEditor, lines: readonly LineText[]): void {
  const text = event.clipboardData.getData('text/plain');
  const [, key, name] =
    /^line-(\d+)-(\w+)$/u.exec(event.target instanceof Element ? event.target.id : '') ?? [];
  const row = lines.findIndex((line) => line.key === Number(key));
  const column = lineColumns.find((one) => one === name);
  if (!isTable(text) || row < 0 || column === undefined) return;
  event.preventDefault();
  editor.changeLines(pasteCells(lines, parseCells(text), { row, column }));
}
