/**
 * How well a text fits what was typed: every typed word must begin a word of the text, in any order; letters of the
 * initials count too (`ni` finds «New invoice»). Higher is better; 0: it does not fit.
 */
export function fit(text: string, typed: string): number {
  const wanted = wordsOf(typed);
  const words = wordsOf(text);
  if (wanted.length === 0) return 1;
  const initials = words.map((word) => word.charAt(0)).join('');
  if (wanted.length === 1 && initials.startsWith(wanted[0] ?? '') && initials.length > 1) {
    return 2 + (wanted[0]?.length ?? 0) / initials.length;
  }
  let score = 0;
  for (const part of wanted) {
    const at = words.findIndex((word) => word.startsWith(part));
    if (at < 0) return 0;
    // A whole word counts more than its beginning, an early word more than a late one.
    score += part.length / (words[at]?.length ?? 1) + 1 / (at + 1);
  }
  return score / wanted.length;
}

/** The fitting ones, the best first; equals keep their order. */
export function best<item extends { readonly label: string }>(
  items: readonly item[],
  typed: string,
  countMax: number,
): item[] {
  return items
    .map((item) => ({ item, score: fit(item.label, typed) }))
    .filter(({ score }) => score > 0)
    .toSorted((one, other) => other.score - one.score)
    .slice(0, countMax)
    .map(({ item }) => item);
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
