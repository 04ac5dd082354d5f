import type { DraftText } from './draft-text.ts';

/** What was typed into a draft that is gone, on its way into a new one. */
const carried = new Map<string, DraftText>();

export function carryDraft(id: string, text: DraftText): void {
  carried.set(id, text);
}

/** Stays for a second drawing of the page; the next carried draft replaces it. */
export function takeCarried(id: string): DraftText | undefined {
  const text = carried.get(id);
  for (const other of carried.keys()) if (other !== id) carried.delete(other);
  return text;
}
