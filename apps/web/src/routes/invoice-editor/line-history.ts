import type { LineText } from './draft-text.ts';

type Lines = readonly LineText[];

/** The lines with what they were before: undo of a structured editor, since a browser's own knows one field only. */
export interface LineHistory {
  readonly lines: Lines;
  readonly past: readonly Lines[];
  readonly future: readonly Lines[];
  /** What the last change was to: typing on in one cell is one step. */
  readonly tag: string | undefined;
}

const stepsMax = 100;

export function beginHistory(lines: Lines): LineHistory {
  return { lines, past: [], future: [], tag: undefined };
}

/** @param tag of a cell that is typed into; without it the change is a step of its own. */
export function record(history: LineHistory, lines: Lines, tag?: string): LineHistory {
  const goesOn = tag !== undefined && tag === history.tag;
  const past = goesOn ? history.past : [...history.past, history.lines].slice(-stepsMax);
  return { lines, past, future: [], tag };
}

export function undo(history: LineHistory): LineHistory {
  const lines = history.past.at(-1);
  if (lines === undefined) return history;
  return {
    lines,
    past: history.past.slice(0, -1),
    future: [history.lines, ...history.future],
    tag: undefined,
  };
}

export function redo(history: LineHistory): LineHistory {
  const [lines, ...future] = history.future;
  if (lines === undefined) return history;
  return { lines, past: [...history.past, history.lines], future, tag: undefined };
}
