/**
 * An axis from zero: about `wanted` steps of 1, 2 or 5 times a power of ten, the last at or above the greatest value.
 *
 * @returns ascending, beginning with 0; at least [0, 1].
 */
export function ticksTo(greatest: number, wanted = 4): number[] {
  const most = Number.isFinite(greatest) && greatest > 0 ? greatest : 1;
  const rough = most / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? power * 10;
  const count = Math.ceil(most / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, at) => Number((at * step).toPrecision(12)));
}

/** Points of a line in a box; a gap (null) breaks it, it is never drawn as zero. */
export function linePath(
  values: readonly (number | null)[],
  xOf: (at: number) => number,
  yOf: (value: number) => number,
): string {
  let pen = 'M';
  return values
    .map((value, at) => {
      if (value === null) {
        pen = 'M';
        return '';
      }
      const point = `${pen}${round(xOf(at))} ${round(yOf(value))}`;
      pen = 'L';
      return point;
    })
    .join('');
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
