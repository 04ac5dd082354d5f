import { readFileSync } from 'node:fs';

const list = new URL('../data/common-passwords.txt', import.meta.url);
const commonest = new Set(
  readFileSync(list, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#')),
);
const shortestCycleMax = 4;

/**
 * One that is tried first: in the list above, made of few characters repeated or of a run of neighbours, or no
 * more than what is known of the person.
 */
export function isCommonPassword(password: string, known: readonly string[]): boolean {
  const plain = password.normalize('NFC').toLowerCase();
  if (commonest.has(plain)) return true;
  const bare = plain.replaceAll(/[^\p{L}]/gu, '');
  if (known.some((word) => word.length > 2 && isOnly(plain, bare, word.toLowerCase()))) return true;
  return isCycle(plain) || isRun(plain);
}

/** `anna2024!` of Anna. */
function isOnly(plain: string, bare: string, word: string): boolean {
  return plain === word || bare === word.replaceAll(/[^\p{L}]/gu, '');
}

function isCycle(text: string): boolean {
  for (let length = 1; length <= shortestCycleMax; length += 1) {
    const unit = text.slice(0, length);
    if (unit.repeat(Math.ceil(text.length / length)).slice(0, text.length) === text) return true;
  }
  return false;
}

/** `abcdefgh`, `87654321`. */
function isRun(text: string): boolean {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const step = (codes[1] ?? 0) - (codes[0] ?? 0);
  if (Math.abs(step) !== 1) return false;
  return codes.every((code, index) => index === 0 || code - (codes[index - 1] ?? 0) === step);
}
