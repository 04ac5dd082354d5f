import { evaluate } from './evaluate.ts';
import { increase, quantile, rate, ratio, time, type Query } from './kpi-query.ts';
import type { SeriesWindow } from './series-window.ts';

export interface RouteRow {
  /** `GET /v1/invoices/:id` */
  readonly route: string;
  readonly perSecond: number;
  /** Seconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** A part of 1. */
  readonly errors: number;
}

export interface StatementRow {
  readonly statement: string;
  /** Part of the time that it ran, of all processes together. */
  readonly share: number;
  /** Seconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly count: number;
}

const routesMs = 300_000;
const statementsMs = 900_000;
const http = { metric: 'http_server_request_duration_seconds' };
const failed = { ...http, where: { http_response_status_code: /5../u } };
const byRoute = ['http_request_method', 'http_route'];
const statements = { metric: 'db_client_operation_duration_seconds' };
const byName = ['db_query_summary'];

/** What each route did in the last five minutes, the busiest first. */
export function readRoutes(windows: readonly SeriesWindow[]): RouteRow[] {
  const endMs = Math.max(0, ...windows.map((window) => window.endMs));
  const ask = (query: Query) => {
    const rows = evaluate(query, windows, { windowMs: routesMs, endMs });
    return new Map(
      rows.map(({ labels, value }) => [byRoute.map((label) => labels[label]).join(' '), value]),
    );
  };
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((q) => ask(quantile(q, http, byRoute)));
  const errors = ask(ratio(rate(failed, byRoute), rate(http, byRoute)));
  return [...ask(rate(http, byRoute))]
    .filter(([, perSecond]) => perSecond > 0)
    .map(([route, perSecond]) => ({
      route,
      perSecond,
      p50: p50?.get(route) ?? 0,
      p95: p95?.get(route) ?? 0,
      p99: p99?.get(route) ?? 0,
      errors: errors.get(route) ?? 0,
    }))
    .toSorted((one, other) => other.perSecond - one.perSecond);
}

/** Statements of the last 15 minutes by the time that the database spent on them. */
export function readStatements(windows: readonly SeriesWindow[]): StatementRow[] {
  const endMs = Math.max(0, ...windows.map((window) => window.endMs));
  const span = { windowMs: statementsMs, endMs };
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
