export function grown(column: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const wide = new Float64Array(column.length * 2).fill(-1);
  wide.set(column);
  return wide;
}

/** @param empty one of the same kind, longer. */
export function wider<column extends Uint32Array | Uint16Array | Uint8Array>(
  column: column,
  empty: column,
): column {
  empty.set(column);
  return empty;
}
