import type { Module } from '@plinth/contract';
import { problemCodes } from '@plinth/contract/openapi';
import { kindTable, type Kind } from '@plinth/core';

/** Codes of the chassis itself, with what to do about each. */
const own: Readonly<Record<string, readonly [kind: Kind, about: string]>> = {
  'auth.bad_key': [
    'unauthenticated',
    'The API key is unknown, has ended, or may not come from there.',
  ],
  'auth.busy': ['unavailable', 'Too many sign-ins run at once: try again in a second.'],
  'auth.forbidden': ['forbidden', 'The role or the key lacks the permission in `context`.'],
  'auth.required': ['unauthenticated', 'Sign in, or send an API key.'],
  'auth.too_many_failures': ['rateLimited', 'Wait for `retryAfterMs`, then sign in again.'],
  'auth.two_credentials': ['invalid', 'Send either the session’s cookie or an API key.'],
  'auth.unavailable': ['unavailable', 'Sessions cannot be looked up now: try again.'],
  'http.bad_cursor': [
    'invalid',
    'The cursor belongs to another filter or sort: begin the list again.',
  ],
  'http.bad_if_match': ['invalid', 'If-Match is `*` or up to eight tags of ours.'],
  'http.body_too_large': ['tooLarge', 'Send less, or in parts.'],
  'http.csrf': ['forbidden', 'The request does not come from a page of this site.'],
  'http.deadline': ['timeout', 'It took too long and was ended; a query may be tried again.'],
  'http.idempotency_busy': ['conflict', 'The first call with this key still runs: ask again.'],
  'http.idempotency_key_required': [
    'invalid',
    'Send an Idempotency-Key: a new one for each intent.',
  ],
  'http.idempotency_reused': [
    'unprocessable',
    'This key stands for another command: use a new one.',
  ],
  'http.overloaded': ['overloaded', 'The service is full: wait for Retry-After.'],
  'http.rate_limited': ['rateLimited', 'Wait for Retry-After.'],
  'http.stale_version': ['stale', 'Somebody changed it meanwhile: read it again, then decide.'],
  'http.unknown_field': ['invalid', 'The contract has no such field: see `fields`.'],
  'http.unsupported_type': ['unsupported', 'The body is of another type than this route takes.'],
  'http.version_required': [
    'needsVersion',
    'Send If-Match with the version that is to be changed.',
  ],
  'identity.tenant_changed': ['conflict', 'The session has switched to another company: reload.'],
  'rpc.bad_input': ['invalid', 'Fields do not fit the contract: see `fields`.'],
};

/** The page that a problem's `type` leads to: what the code means and who answers it. */
export function createProblemPages(
  modules: readonly Module[],
): (code: string) => string | undefined {
  const declared = problemCodes(modules);
  return (code) => {
    const known = own[code];
    const answered = declared.get(code);
    const kind = known?.[0] ?? answered?.kind;
    if (kind === undefined) return undefined;
    const { status, title } = kindTable[kind];
    const by =
      answered === undefined ? '' : `<p>Answered by: ${answered.by.map(escape).join(', ')}.</p>`;
    return (
      `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escape(code)}</title>` +
      `<h1>${escape(code)}</h1><p>${status}: ${escape(title)}.</p><p>${escape(known?.[1] ?? '')}</p>${by}</html>\n`
    );
  };
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
