import type { Summary } from './row-source.ts';

/** The key of the last tick at or before the rank; empty without a ruler. */
export function nearestTick(ruler: Summary['ruler'], rank: number): string {
  return ruler.findLast(({ n }) => n <= rank)?.key ?? '';
}
