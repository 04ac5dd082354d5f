export { evaluate, type Row } from './evaluate.ts';
export type { Frame, Frames, SeriesInfo } from './frames.ts';
export { judgeLamps, type LampLight, type LampState, toMs } from './judge-lamps.ts';
export { readRoutes, readStatements, type RouteRow, type StatementRow } from './rows.ts';
export { SeriesWindow } from './series-window.ts';
