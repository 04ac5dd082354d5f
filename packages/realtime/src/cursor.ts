/** Where a reader is: in which life of the stream, and behind which message of each shard. */
export interface Cursor {
  readonly epoch: string;
  readonly offsets: readonly number[];
}

const form = /^([0-9a-f]{12}):(\d{1,16}(?:,\d{1,16}){0,7})$/u;

export function formatCursor(epoch: string, offset: number): string {
  return `${epoch}:${offset}`;
}

/** Undefined for anything that is no cursor: then the reader begins now. */
export function parseCursor(text: string): Cursor | undefined {
  const [, epoch, offsets] = form.exec(text) ?? [];
  if (epoch === undefined || offsets === undefined) return undefined;
  return { epoch, offsets: offsets.split(',').map(Number) };
}
