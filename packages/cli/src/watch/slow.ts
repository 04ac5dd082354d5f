import { readStatements } from '@plinth/telemetry/reader';

import type { CommandDef } from '../command.ts';
import { exitCodes } from '../exit.ts';
import { readSpans, readWindows, seconds, table, watched } from './ask.ts';

const rowsMax = 12;
export const slow: CommandDef = {
  name: 'slow',
  summary: 'show the statements and requests that take the time',
  examples: ['plinth slow', 'plinth slow --json'],
  flags: {},
  async run(context) {
    const { terminal } = context;
    const site = await watched(context);
    const rows = readStatements(await readWindows(site, context));
    const traces = (await readSpans(site))
      // A stream is as long as its reader wants.
      .filter(({ attributes }) => attributes['http.status'] !== goneStatus)
      .toSorted((one, other) => other.tookMs - one.tookMs);
    if (!terminal.json) {
      const head = ['statement, last 15 min', 'busy', 'times', 'p50', 'p95', 'p99'];
      const lines = rows
        .slice(0, rowsMax)
        .map(({ statement, share, count, p50, p95, p99 }) => [
          statement,
          `${(share * 100).toFixed(2)} %`,
          String(count),
          ...[p50, p95, p99].map(seconds),
        ]);
      terminal.out(table(head, lines));
      const slowest = traces
        .slice(0, rowsMax)
        .map(({ traceId, name, tookMs, outcome, attributes }) => [
          traceId.slice(0, shortId),
          seconds(tookMs / 1_000),
          outcome,
          [name, ...Object.values(attributes)].join(' '),
        ]);
      terminal.out(`\n${table(['trace', 'took', 'outcome', 'what'], slowest)}`);
    }
    return {
      exitCode: exitCodes.done,
      result: { statements: rows, traces: traces.slice(0, rowsMax) },
    };
  },
};

const shortId = 12;
const goneStatus = 499;
