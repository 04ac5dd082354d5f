/** Where a command speaks: results to standard output, progress and messages to standard error. */
export interface Terminal {
  readonly json: boolean;
  readonly colors: boolean;
  readonly interactive: boolean;
  /** Characters a line, at most 100 where nobody says. */
  readonly columns: number;
  out(text: string): void;
  err(text: string): void;
}

export interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const columnsDefault = 100;
const escape = '\u001B[';

export function createTerminal(
  stdout: Stream,
  stderr: Stream,
  options: { json: boolean; colors: boolean },
): Terminal {
  const interactive = stderr.isTTY === true && !options.json;
  return {
    json: options.json,
    colors: options.colors && interactive,
    interactive,
    columns: stderr.columns ?? columnsDefault,
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
  };
}

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
const codes: Readonly<Record<Style, string>> = {
  bold: '1',
  dim: '2',
  red: '31',
  green: '32',
  yellow: '33',
  cyan: '36',
};

export function paint(terminal: Terminal, style: Style, text: string): string {
  return terminal.colors ? `${escape}${codes[style]}m${text}${escape}0m` : text;
}

export type UnitState = 'waiting' | 'running' | 'done' | 'failed' | 'skipped';
export interface Unit {
  update(detail: string): void;
  done(detail?: string): void;
  failed(detail: string): void;
}
export interface Progress {
  unit(name: string): Unit;
  /** Leaves the last state standing. */
  close(): void;
}

interface Row {
  readonly name: string;
  state: UnitState;
  detail: string;
  startMs: number;
  endMs?: number;
}

const glyphs: Readonly<Record<UnitState, string>> = {
  waiting: '·',
  running: '◌',
  done: '✓',
  failed: '✗',
  skipped: '–',
};
const redrawMs = 100;
const plainEveryMs = 2_000;

/** One live line a unit of work on a terminal; elsewhere a plain line an event. */
export function createProgress(terminal: Terminal, monoMs: () => number): Progress {
  const rows: Row[] = [];
  let drawn = 0;
  let lastDraw = Number.NEGATIVE_INFINITY;

  function line(row: Row): string {
    const tookMs = (row.endMs ?? monoMs()) - row.startMs;
    const style = row.state === 'failed' ? 'red' : row.state === 'done' ? 'green' : 'cyan';
    const left = `${paint(terminal, style, glyphs[row.state])} ${row.name.padEnd(12)}`;
    const seconds = `${(tookMs / 1_000).toFixed(1)} s`.padStart(7);
    const room = terminal.columns - 26;
    return `${left} ${paint(terminal, 'dim', seconds)}  ${row.detail.slice(0, Math.max(room, 10))}`;
  }
  function draw(force: boolean): void {
    const now = monoMs();
    if (!terminal.interactive || (!force && now - lastDraw < redrawMs)) return;
    lastDraw = now;
    const up = drawn === 0 ? '' : `${escape}${drawn}A`;
    terminal.err(up + rows.map((row) => `${escape}2K${line(row)}\n`).join(''));
    drawn = rows.length;
  }
  function say(row: Row): void {
    if (!terminal.interactive && !terminal.json) terminal.err(`${line(row)}\n`);
  }

  return {
    unit(name) {
      const row: Row = { name, state: 'running', detail: '', startMs: monoMs() };
      rows.push(row);
      draw(true);
      let saidMs = row.startMs;
      const end = (state: UnitState, detail: string | undefined) => {
        row.state = state;
        row.endMs = monoMs();
        row.detail = detail ?? row.detail;
        draw(true);
        say(row);
      };
      return {
        update(detail) {
          row.detail = detail;
          draw(false);
          if (monoMs() - saidMs < plainEveryMs) return;
          saidMs = monoMs();
          say(row);
        },
        done: (detail) => end('done', detail),
        failed: (detail) => end('failed', detail),
      };
    },
    close() {
      draw(true);
      drawn = 0;
      rows.length = 0;
    },
  };
}
