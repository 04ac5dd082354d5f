/** One round: ours and the peer's, measured one after the other in the same minute, on the same data. */
export interface Round {
  readonly ours: number;
  readonly peer: number;
}

/** A claim that runs: ours must be `target` times better than the peer, in one run. */
export interface BenchCase {
  readonly name: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly peerName: string;
  readonly target: number;
  readonly rounds: number;
  /** The order within a round alternates, so that neither always runs first. */
  measure(oursFirst: boolean): Promise<Round>;
}

/** What a file `NAME.bench.ts` exports as `bench`. */
export interface Bench {
  readonly name: string;
  /** Opens what the cases share; `close` is called after the last. */
  open(): Promise<{ readonly cases: readonly BenchCase[]; close(): Promise<void> }>;
}

export interface BenchResult {
  readonly bench: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer: number;
  readonly peerName: string;
  /** Times better than the peer, whatever the unit: the median of the rounds' ratios. */
  readonly ratio: number;
  readonly target: number;
  readonly pass: boolean;
  /** (largest − smallest ratio) / median. */
  readonly spread: number;
}

export async function runCase(bench: string, one: BenchCase): Promise<BenchResult> {
  const rounds: Round[] = [];
  for (let round = 0; round < one.rounds; round += 1)
    rounds.push(await one.measure(round % 2 === 0));
  const ratios = rounds.map(({ ours, peer }) =>
    one.better === 'higher' ? ours / peer : peer / ours,
  );
  const ratio = median(ratios);
  return {
    bench: `${bench}.${one.name}`,
    unit: one.unit,
    ours: median(rounds.map(({ ours }) => ours)),
    peer: median(rounds.map(({ peer }) => peer)),
    peerName: one.peerName,
    ratio,
    target: one.target,
    pass: ratio >= one.target,
    spread: (Math.max(...ratios) - Math.min(...ratios)) / ratio,
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
