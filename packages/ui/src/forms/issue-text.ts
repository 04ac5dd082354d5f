import type { Translate } from '../i18n/messages.ts';
import type english from '../messages/forms-en.json';

export type FormTranslate = Translate<Extract<keyof typeof english, string>>;

/** What of a Zod issue decides its words. */
export interface Issue {
  readonly code?: string | undefined;
  readonly origin?: string | undefined;
  readonly format?: string | undefined;
  readonly minimum?: number | bigint | undefined;
  readonly maximum?: number | bigint | undefined;
  readonly input?: unknown;
  readonly message: string;
}

/** An issue in the reader's language. A custom rule's own sentence stays. */
export function issueText(issue: Issue, words: FormTranslate): string {
  switch (issue.code) {
    case 'too_small':
      return tooSmall(issue, words);
    case 'too_big':
      return issue.origin === 'string'
        ? words('form_too_long', { n: Number(issue.maximum) })
        : words('form_too_big', { n: Number(issue.maximum) });
    case 'invalid_type':
      return words(isAbsent(issue.input) ? 'form_required' : 'form_invalid');
    case 'invalid_format':
      return words(issue.format === 'email' ? 'form_email' : 'form_invalid');
    case 'custom':
      return issue.message;
    case undefined:
    default:
      return words('form_invalid');
  }
}

function tooSmall(issue: Issue, words: FormTranslate): string {
  const n = Number(issue.minimum);
  if (issue.origin === 'number' || issue.origin === 'int') return words('form_too_small', { n });
  return n <= 1 ? words('form_required') : words('form_too_short', { n });
}

function isAbsent(input: unknown): boolean {
  return input === undefined || input === null || input === '';
}
