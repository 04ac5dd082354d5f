import type { Formats } from '@plinth/ui/format';

import { type DraftText, isBlank } from './draft-text.ts';
import { readLine, type Section, sections } from './read-draft.ts';

export interface Merged {
  /** Mine, with what only they changed. Where both changed, still mine. */
  readonly draft: DraftText;
  /** Both changed it, differently: a person decides. */
  readonly conflicts: readonly Section[];
  /** Only they changed it: taken over. */
  readonly taken: readonly Section[];
}

interface Versions {
  /** What both began with. */
  readonly base: DraftText;
  readonly mine: DraftText;
  readonly theirs: DraftText;
}

/** Joins two people's changes of one draft, part by part; the lines are one part. */
export function mergeDrafts({ base, mine, theirs }: Versions, formats: Formats): Merged {
  const differ = (one: DraftText, other: DraftText, section: Section) =>
    textOfSection(one, section, formats) !== textOfSection(other, section, formats);
  const changedByThem = sections.filter(
    (section) => differ(base, theirs, section) && differ(mine, theirs, section),
  );
  const conflicts = changedByThem.filter((section) => differ(base, mine, section));
  const taken = changedByThem.filter((section) => !conflicts.includes(section));
  return { draft: takeOver(mine, theirs, taken), conflicts, taken };
}

/** `mine` with these parts of `theirs`. */
export function takeOver(
  mine: DraftText,
  theirs: DraftText,
  chosen: readonly Section[],
): DraftText {
  const parts = chosen.map((section) =>
    section === 'customerId' ? ['customer', theirs.customer] : [section, theirs[section]],
  );
  return { ...mine, ...Object.fromEntries(parts) };
}

function textOfSection(draft: DraftText, section: Section, formats: Formats): string {
  if (section === 'customerId') return draft.customer?.id ?? '';
  if (section !== 'lines') return draft[section].trim();
  const lines = draft.lines.filter((line) => !isBlank(line));
  return JSON.stringify(
    lines.map((line) => readLine(line, draft.currency, formats).input ?? { ...line, key: 0 }),
  );
}
