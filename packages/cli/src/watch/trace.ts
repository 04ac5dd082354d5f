import type { FinishedSpan } from '@plinth/telemetry';

import type { CommandDef } from '../command.ts';
import { CommandFailure, exitCodes } from '../exit.ts';
import { readSpans, seconds, watched } from './ask.ts';

export const trace: CommandDef = {
  name: 'trace',
  summary: 'show where one request spent its time',
  examples: ['plinth trace 4bf92f3577b34da6', 'plinth trace 4bf92f3577b34da6 --json'],
  flags: {},
  async run(context) {
    const { flags, terminal } = context;
    const [id = ''] = flags.words;
    if (!/^[\da-f]{6,32}$/iu.test(id)) {
      throw new CommandFailure(
        'Which trace? Its id, or at least the first six digits of it.',
        exitCodes.usage,
        'plinth slow lists the slowest, with their ids.',
      );
    }
    const spans = await readSpans(await watched(context), id);
    const traces = new Set(spans.map(({ traceId }) => traceId));
    if (spans.length === 0) {
      throw new CommandFailure(`No process holds a trace ${id}.`, exitCodes.missing);
    }
    if (traces.size > 1) {
      const names = [...traces].join(', ');
      throw new CommandFailure(`${id} begins ${traces.size} traces: ${names}.`, exitCodes.usage);
    }
    if (!terminal.json) terminal.out(waterfall(spans));
    return { exitCode: exitCodes.done, result: { spans } };
  },
};

const barCharacters = 40;

/** A line a span below its parent, with a bar where it lies in the whole. */
export function waterfall(spans: readonly FinishedSpan[]): string {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const begin = Math.min(...spans.map(({ startedAt }) => startedAt));
  const end = Math.max(...spans.map(({ startedAt, tookMs }) => startedAt + tookMs));
  const scale = barCharacters / Math.max(1, end - begin);
  const lines: string[] = [];
  const write = (span: FinishedSpan, depth: number) => {
    const { name, startedAt, tookMs, outcome, attributes } = span;
    const from = Math.min(barCharacters - 1, Math.floor((startedAt - begin) * scale));
    const length = Math.max(1, Math.min(barCharacters - from, Math.round(tookMs * scale)));
    const bar = (' '.repeat(from) + '█'.repeat(length)).padEnd(barCharacters);
    const facts = Object.entries(attributes).map(([key, value]) => `${key}=${value}`);
    const failed = outcome === 'ok' ? [] : [outcome];
    const what = `${'  '.repeat(depth)}${[name, ...failed, ...facts].join(' ')}`;
    lines.push(`${bar} ${seconds(tookMs / 1_000).padStart(9)}  ${what}`);
    for (const child of spans) if (child.parentId === span.spanId) write(child, depth + 1);
  };
  for (const span of spans) {
    if (span.parentId === undefined || !ids.has(span.parentId)) write(span, 0);
  }
  return `${lines.join('\n')}\n`;
}
