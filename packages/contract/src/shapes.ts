import { z } from '@plinth/core/z';

/** A UUIDv7 in canonical form. */
export const id = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u);
/** `YYYY-MM-DD`, no zone. */
export const day = z.iso.date();
/** RFC 3339 in UTC. */
export const instant = z.iso.datetime();
/** ISO 4217. */
export const currency = z.string().regex(/^[A-Z]{3}$/u, 'Three capital letters: EUR.');
/** An integer of minor units: cents for EUR, yen for JPY. JSON holds it exactly up to 2^53 − 1. */
export const minor = z.int();
/** A row's version as it stands in its ETag: base 36, no quotes. */
export const version = z.string().regex(/^[0-9a-z]{1,13}$/u);

export function toVersion(row: number): string {
  return row.toString(36);
}
export function fromVersion(text: string): number {
  return Number.parseInt(text, 36);
}

/** How every list is asked for: one of `after`, `before`, `rank`, `around`, or none for the first window. */
export const listInput = z.object({
  /** `field:op:value`, values percent-encoded, lists by comma. */
  f: z.array(z.string().max(4_000)).max(20).optional(),
  /** `-issueDate,number`: at most four declared keys, `-` for descending. */
  sort: z.string().max(200).optional(),
  limit: z.int().min(1).max(200).optional(),
  after: z.string().max(700).optional(),
  before: z.string().max(700).optional(),
  rank: z.int().min(0).optional(),
  around: id.optional(),
});

/** A window of a list: `prev` and `next` are sealed cursors, null at the ends. */
export function pageOf<item extends z.ZodType>(item: item) {
  return z.object({
    items: z.array(item),
    prev: z.string().nullable(),
    next: z.string().nullable(),
    rank: z.object({ n: z.int(), exact: z.boolean() }),
    total: z.object({ n: z.int(), exact: z.boolean(), asOf: instant }),
    cost: z.enum(['index', 'scan']),
  });
}

export const summaryInput = listInput.pick({ f: true, sort: true });

/** Totals of a filter; `sums` is null where they would take too long, `ruler` has a tick each 64th of the list. */
export const summaryOutput = z.object({
  total: z.object({ n: z.int(), exact: z.boolean(), asOf: instant }),
  sums: z.array(z.object({ currency, amounts: z.record(z.string(), minor) })).nullable(),
  ruler: z.array(z.object({ n: z.int(), key: z.string() })),
  asOf: instant,
});

export const rowsInput = z.object({ ids: z.array(id).min(1).max(100), f: listInput.shape.f });
export function rowsOf<item extends z.ZodType>(item: item) {
  return z.object({ items: z.array(item), gone: z.array(id) });
}
