import type { Grant } from './attempt.ts';
import { holdAll, markBound, repairPart } from './binding-table.ts';
import { source, type Core } from './needs.ts';
import { waitForRelay } from './outbox-table.ts';
import { systemContext } from './system-context.ts';

interface Binding {
  /** Null: what is sent from now on comes to the table. */
  readonly bound: string | null;
  readonly cursor: string | null;
}

/**
 * Everything of a part that is not handled yet stands in the table, and from now on what is sent goes where
 * `binding` says. Between two pages of the relay, so that each event is in one of the two.
 *
 * @returns false if the part is another owner's.
 */
export function bindPart(
  { database, owner }: Core,
  grant: Grant,
  binding: Binding,
): Promise<boolean> {
  const { sub, part, epoch } = grant;
  const fence = { sub, part, epoch, owner };
  return database.write(systemContext(), async (tx) => {
    await tx.one(waitForRelay, {});
    await tx.run(holdAll, fence);
    await tx.run(repairPart, { ...fence, src: source });
    return (await tx.maybe(markBound, { ...fence, ...binding })) !== undefined;
  });
}
