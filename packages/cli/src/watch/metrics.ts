import { quantile, rate, ratio } from '@plinth/telemetry/kpi';
import { evaluate, judgeLamps, type LampLight, type SeriesWindow } from '@plinth/telemetry/reader';

import type { CommandDef } from '../command.ts';
import { exitCodes } from '../exit.ts';
import { paint, type Terminal } from '../terminal.ts';
import { readWindows, seconds, table, watched } from './ask.ts';

const windowMs = 300_000;
const routesMax = 12;
const http = { metric: 'http_server_request_duration_seconds' };
const failed = { ...http, where: { http_response_status_code: /5../u } };
const byRoute = ['http_request_method', 'http_route'];

interface RouteRow {
  readonly route: string;
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly errors: number;
}

export const metrics: CommandDef = {
  name: 'metrics',
  summary: 'show the lamps and the routes of what runs',
  examples: ['plinth metrics', 'plinth metrics --json'],
  flags: {},
  async run(context) {
    const { terminal } = context;
    const site = await watched(context);
    const windows = await readWindows(site, context);
    const lamps = judgeLamps(site.application.load.kpis, windows);
    const routes = readRoutes(windows);
    if (!terminal.json) {
      terminal.out(
        table(
          ['lamp', 'value', 'limits', 'state'],
          lamps.map((lamp) => lampRow(lamp, terminal)),
        ),
      );
      const lines = routes.slice(0, routesMax).map((row) => routeRow(row));
      terminal.out(
        `\n${table(['route, last 5 min', 'rps', 'p50', 'p95', 'p99', 'errors'], lines)}`,
      );
    }
    return { exitCode: exitCodes.done, result: { lamps, routes } };
  },
};

const colors = { ok: 'green', warning: 'yellow', critical: 'red', 'no data': 'dim' } as const;

function lampRow(lamp: LampLight, terminal: Terminal): string[] {
  const { name, value, unit, warn, critical, state, becomes, labels } = lamp;
  const write = (figure: number) =>
    unit === 's' ? seconds(figure) : `${(figure * 100).toFixed(1)} %`;
  const bound = (of: typeof warn) =>
    'above' in of ? `> ${write(of.above)}` : `< ${write(of.below)}`;
  const where = Object.values(labels)
    .filter((one) => one !== 'all.0')
    .join(' ');
  const soon = becomes === undefined ? '' : `, ${becomes} soon`;
  return [
    where === '' ? name : `${name} (${where})`,
    value === undefined ? '–' : write(value),
    `${bound(warn)}, ${bound(critical)}`,
    paint(terminal, colors[becomes ?? state], `${state}${soon}`),
  ];
}

/** What each route did in the last five minutes, the busiest first. */
function readRoutes(windows: readonly SeriesWindow[]): RouteRow[] {
  const endMs = Math.max(0, ...windows.map((window) => window.endMs));
  const ask = (query: Parameters<typeof evaluate>[0]) => {
    const rows = evaluate(query, windows, { windowMs, endMs });
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

function routeRow({ route, perSecond, p50, p95, p99, errors }: RouteRow): string[] {
  const rates = [perSecond.toFixed(perSecond < 10 ? 2 : 0), ...[p50, p95, p99].map(seconds)];
  return [route, ...rates, `${(errors * 100).toFixed(2)} %`];
}
