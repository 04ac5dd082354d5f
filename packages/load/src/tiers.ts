/** How hard and how long: the guide's tiers that run against one process. */
export interface Tier {
  readonly name: string;
  readonly summary: string;
  readonly durationMs: number;
  readonly warmUpMs: number;
  readonly ratePerS: number;
}

export const tiers: readonly Tier[] = [
  {
    name: 'smoke',
    summary: 'every step, slowly, for 30 s',
    durationMs: 30_000,
    warmUpMs: 2_000,
    ratePerS: 10,
  },
  {
    name: 'load',
    summary: 'the rated load for 10 minutes',
    durationMs: 600_000,
    warmUpMs: 10_000,
    ratePerS: 100,
  },
];
