import { useWords } from '@plinth/ui/core';

import english from '../../../messages/en/draft.json';
import type { Section } from './read-draft.ts';

const words = {
  customerId: 'customer',
  currency: 'currency',
  issueDate: 'issue_date',
  dueDate: 'due_date',
  reference: 'reference',
  note: 'note',
  internalNote: 'internal_note',
  lines: 'lines',
} as const;

/** What a part of the draft is called. */
export function useSectionName(): (section: Section) => string {
  const t = useWords(english);
  return (section) => t(words[section]);
}
