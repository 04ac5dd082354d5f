import type { KeyboardEvent } from 'react';

import type { DraftEditor } from './draft-editor.ts';
import { isBlank, type LineColumn, newLine } from './draft-text.ts';
import { focusCell } from './line-focus.ts';

interface Cell {
  readonly editor: DraftEditor;
  readonly at: number;
  readonly column: LineColumn;
}

export const linesMax = 2_000;

/** Enter begins a line, Alt+↑↓ moves one, ↑↓ walk, Ctrl+Z steps back, Ctrl+Y forth. Tab is the platform's. */
export function onLineKey(event: KeyboardEvent, cell: Cell): void {
  const run = actionOf(event, cell);
  if (run === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  run();
}

function actionOf(event: KeyboardEvent, cell: Cell): (() => void) | undefined {
  const { key, altKey, shiftKey } = event;
  const { editor } = cell;
  const control = event.ctrlKey || event.metaKey;
  const by = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (by !== undefined && !control) return () => (altKey ? move : walk)(cell, by);
  if (key === 'Enter' && !control && !altKey) return () => addLine(cell.editor, cell.at + 1);
  if (!control) return undefined;
  if (key === 'y' || (key === 'Z' && shiftKey)) return () => editor.redo();
  return key === 'z' ? () => editor.undo() : undefined;
}

function walk({ editor, at, column }: Cell, by: number): void {
  const line = editor.view.text.lines[at + by];
  if (line !== undefined) focusCell(line.key, column);
}

function move({ editor, at, column }: Cell, by: number): void {
  const { lines } = editor.view.text;
  const line = lines[at];
  if (line === undefined || lines[at + by] === undefined) return;
  editor.changeLines(lines.toSpliced(at, 1).toSpliced(at + by, 0, line));
  focusCell(line.key, column);
}

/** A line that is still blank is not followed by another one. */
export function addLine(editor: DraftEditor, at: number): void {
  const { lines } = editor.view.text;
  const before = lines[at - 1];
  const present = lines[at];
  if (before !== undefined && isBlank(before)) return focusCell(before.key, 'description');
  if (present !== undefined && isBlank(present)) return focusCell(present.key, 'description');
  if (lines.length >= linesMax) return;
  const line = newLine(before?.tax);
  editor.changeLines(lines.toSpliced(at, 0, line));
  focusCell(line.key, 'description');
}

/** The last line is emptied in place of removed. */
export function removeLine(editor: DraftEditor, at: number): void {
  const { lines } = editor.view.text;
  const rest = lines.toSpliced(at, 1);
  const next = rest.length === 0 ? [newLine(lines[at]?.tax)] : rest;
  editor.changeLines(next);
  const neighbour = next[Math.min(at, next.length - 1)];
  if (neighbour !== undefined) focusCell(neighbour.key, 'description');
}
