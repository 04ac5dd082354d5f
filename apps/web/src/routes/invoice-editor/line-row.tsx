import { lineNet, parseQuantity } from '@plinth/invoicing/browser';
import { memo } from 'react';

import { IconButton, useLocale, useWords } from '@plinth/ui/core';
import { amount } from '@plinth/ui/format';

import english from '../../../messages/en/draft.json';
import type { DraftEditor } from './draft-editor.ts';
import { isBlank, type LineColumn, lineColumns, type LineText } from './draft-text.ts';
import { cellId } from './line-focus.ts';
import { onLineKey, removeLine } from './line-keys.ts';
import { type LineFaults, readLine } from './read-draft.ts';

interface LineRowProps {
  readonly editor: DraftEditor;
  readonly line: LineText;
  /** Its place, from 0. */
  readonly at: number;
  readonly currency: string;
  /** What is wrong is marked. */
  readonly marked: boolean;
}

/** One line; it is drawn again only when it changes itself or moves. */
export const LineRow = memo(({ editor, line, at, currency, marked }: LineRowProps) => {
  const t = useWords(english);
  const { formats } = useLocale();
  const { input, faults } = readLine(line, currency, formats);
  const quantity = parseQuantity(input?.quantity ?? '');
  const net =
    input === undefined || quantity === undefined
      ? ''
      : amount({ minor: Number(lineNet(quantity, input.unitPriceMinor)), currency }, formats);
  return (
    <tr aria-rowindex={at + 2}>
      {lineColumns.map((column) => (
        <td key={column} className={column === 'description' ? 'ps-4' : undefined}>
          <Cell
            editor={editor}
            line={line}
            at={at}
            column={column}
            faults={marked ? faults : noFaults}
          />
        </td>
      ))}
      <td className="end num sumcell">{net}</td>
      <td className="act">
        <IconButton
          icon="close"
          label={t('remove', { n: at + 1 })}
          onClick={() => removeLine(editor, at)}
        />
      </td>
    </tr>
  );
});

const noFaults: LineFaults = {};

interface CellProps extends Pick<LineRowProps, 'editor' | 'line' | 'at'> {
  readonly column: LineColumn;
  readonly faults: LineFaults;
}

const figures: ReadonlySet<LineColumn> = new Set(['quantity', 'price', 'tax']);
const words = {
  description: 'item',
  quantity: 'quantity',
  unit: 'unit',
  price: 'price',
  tax: 'tax',
} as const;

function Cell({ editor, line, at, column, faults }: CellProps) {
  const t = useWords(english);
  const code = faults[column];
  const isFigure = figures.has(column);
  return (
    <input
      id={cellId(line.key, column)}
      className={isFigure ? 'input num end' : 'input'}
      inputMode={isFigure ? 'decimal' : undefined}
      autoComplete="off"
      aria-label={t('cell', { column: t(words[column]), n: at + 1 })}
      aria-invalid={code === undefined ? undefined : true}
      title={code === undefined ? undefined : t(code)}
      placeholder={column === 'description' && isBlank(line) ? t('item') : undefined}
      value={line[column]}
      onInput={({ currentTarget: { value } }) => {
        const { lines } = editor.view.text;
        const next = lines.with(at, { ...line, [column]: value });
        editor.changeLines(next, `${line.key}.${column}`);
      }}
      onKeyDown={(event) => onLineKey(event, { editor, at, column })}
    />
  );
}
