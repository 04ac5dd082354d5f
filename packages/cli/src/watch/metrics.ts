import { judgeLamps, readRoutes, type LampLight, type RouteRow } from '@plinth/telemetry/reader';

import type { CommandDef } from '../command.ts';
import { exitCodes } from '../exit.ts';
import { paint, type Terminal } from '../terminal.ts';
import { readWindows, seconds, table, watched } from './ask.ts';

const routesMax = 12;
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

function routeRow({ route, perSecond, p50, p95, p99, errors }: RouteRow): string[] {
  const rates = [perSecond.toFixed(perSecond < 10 ? 2 : 0), ...[p50, p95, p99].map(seconds)];
  return [route, ...rates, `${(errors * 100).toFixed(2)} %`];
}
