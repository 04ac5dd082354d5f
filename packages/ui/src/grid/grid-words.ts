import { useWords } from '../core/locale.tsx';
import type { Translate } from '../i18n/messages.ts';
import english from '../messages/grid-en.json';

export type GridWord = Extract<keyof typeof english, string>;
export type GridTranslate = Translate<GridWord>;

/** The grid's own words: they come with the grid, not with the first load. */
export function useGridWords(): GridTranslate {
  return useWords(english);
}
