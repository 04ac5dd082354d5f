import { increase, quantile, time, type Query } from '@plinth/telemetry/kpi';
import { evaluate, type SeriesWindow } from '@plinth/telemetry/reader';

import type { CommandDef } from '../command.ts';
import { exitCodes } from '../exit.ts';
import { readSpans, readWindows, seconds, table, watched } from './ask.ts';

const windowMs = 900_000;
const rowsMax = 12;
const statements = { metric: 'db_client_operation_duration_seconds' };
const byName = ['db_query_summary'];

interface StatementRow {
  readonly statement: string;
  /** Part of the time that it ran, of all processes together. */
  readonly share: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly count: number;
}

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

/** Statements by the time that the database spent on them. */
function readStatements(windows: readonly SeriesWindow[]): StatementRow[] {
  const endMs = Math.max(0, ...windows.map((window) => window.endMs));
  const span = { windowMs, endMs };
  const ask = (query: Query) =>
    new Map(
      evaluate(query, windows, span).map(({ labels, value }) => [
        labels['db_query_summary'],
        value,
      ]),
    );
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((q) => ask(quantile(q, statements, byName)));
  return [...ask(time(statements, byName))]
    .filter(([, share]) => share > 0)
    .map(([statement = '', share]) => {
      const own = { ...statements, where: { db_query_summary: [statement] } };
      return {
        statement,
        share,
        p50: p50?.get(statement) ?? 0,
        p95: p95?.get(statement) ?? 0,
        p99: p99?.get(statement) ?? 0,
        count: evaluate(increase(own), windows, span)[0]?.value ?? 0,
      };
    })
    .toSorted((one, other) => other.share - one.share);
}
