import type { LogEvent } from '../ports.ts';
import type { DataPosition } from '../position.ts';

/** One letter a line: k and t names, c all of them, capitals the soft ones, d a data position, n nothing. */
export function encodeEvents(events: readonly LogEvent[]): string {
  const lines: string[] = [];
  for (const { names, kind, clear, data } of events) {
    const letter = (of: string) => (kind === 'hard' ? of : of.toUpperCase());
    if (clear === true) lines.push(letter('c'));
    for (const key of names.keys ?? []) lines.push(`${letter('k')}${key}`);
    for (const tag of names.tags ?? []) lines.push(`${letter('t')}${tag}`);
    if (data !== undefined) lines.push(`d${data.source} ${data.timeline} ${data.at}`);
  }
  return lines.length === 0 ? 'n' : lines.join('\n');
}

interface Names {
  readonly keys: string[];
  readonly tags: string[];
  isClear: boolean;
}

/** The events of one entry. A line of an unknown kind counts as a clear: an older version errs to misses. */
export function decodeEvents(text: string): LogEvent[] {
  const hard: Names = { keys: [], tags: [], isClear: false };
  const soft: Names = { keys: [], tags: [], isClear: false };
  const data: DataPosition[] = [];
  for (const line of text.split('\n')) decodeLine(line, { hard, soft, data });
  const events: LogEvent[] = [];
  for (const [kind, { keys, tags, isClear }] of [
    ['hard', hard],
    ['soft', soft],
  ] as const) {
    if (isClear) events.push({ names: {}, kind, clear: true });
    if (keys.length + tags.length > 0) events.push({ names: { keys, tags }, kind });
  }
  for (const position of data) events.push({ names: {}, kind: 'hard', data: position });
  return events.length === 0 ? [{ names: {}, kind: 'hard' }] : events;
}

function decodeLine(
  line: string,
  { hard, soft, data }: { hard: Names; soft: Names; data: DataPosition[] },
): void {
  const rest = line.slice(1);
  switch (line.slice(0, 1)) {
    case 'k':
      hard.keys.push(rest);
      break;
    case 't':
      hard.tags.push(rest);
      break;
    case 'K':
      soft.keys.push(rest);
      break;
    case 'T':
      soft.tags.push(rest);
      break;
    case 'C':
      soft.isClear = true;
      break;
    case 'd': {
      const position = decodeData(rest);
      if (position === undefined) hard.isClear = true;
      else data.push(position);
      break;
    }
    case 'n':
      break;
    default:
      hard.isClear = true;
  }
}

function decodeData(text: string): DataPosition | undefined {
  const [, source = '', timeline, at] = /^(.+) (\d+) (\d+)$/u.exec(text) ?? [];
  return source === '' ? undefined : { source, timeline: Number(timeline), at: Number(at) };
}
