import { Problem } from '@plinth/core';

declare const brand: unique symbol;

/** The id of an entry of the cache's log: `epoch-seq`. Only seqs of one epoch are compared. */
export type Position = string & { readonly [brand]: never };

/** How far a data source was: shard, timeline, log position as a number below 2^53. */
export interface DataPosition {
  readonly source: string;
  readonly timeline: number;
  readonly at: number;
}

export function toPosition(epoch: number, seq: number): Position {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place that makes positions of numbers
  return `${epoch}-${seq}` as Position;
}

const form = /^(0|[1-9]\d{0,15})-(0|[1-9]\d{0,15})$/u;

/** @throws {Problem} `cache.config` for anything but `epoch-seq`. */
export function parsePosition(text: string): { readonly epoch: number; readonly seq: number } {
  const [, epoch = '', seq = ''] = form.exec(text) ?? [];
  if (epoch === '' || !Number.isSafeInteger(Number(epoch)) || !Number.isSafeInteger(Number(seq))) {
    throw new Problem('A position of the cache is EPOCH-SEQ.', {
      code: 'cache.config',
      kind: 'invalid',
    });
  }
  return { epoch: Number(epoch), seq: Number(seq) };
}
