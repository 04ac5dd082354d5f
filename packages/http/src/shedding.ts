import type { IncomingMessage, ServerResponse } from 'node:http';

import type { KeyRing } from '@plinth/core';

import type { Admission, RequestClass } from './admission.ts';
import { findCookie, type CookieNames } from './cookies.ts';
import type { Head } from './head.ts';
import type { HeaderList } from './security-headers.ts';
import type { SessionStore } from './sessions.ts';

/** Turns away early what a full process could only answer late. */
export interface Shedding {
  /** @returns false after the request was answered with 503. */
  enter(request: IncomingMessage, response: ServerResponse, head: Head): boolean;
}

const body = Buffer.from(
  JSON.stringify({
    type: '/problems/http.overloaded',
    title: 'Too busy',
    status: 503,
    detail: 'The request could not be completed. Its id names it in the log.',
    code: 'http.overloaded',
    kind: 'overloaded',
  }),
);
const retryAfterSeconds = [1, 2, 3] as const;

interface Needs {
  readonly admission: Admission;
  readonly common: HeaderList;
  readonly cookies: CookieNames;
  readonly keys: Pick<KeyRing, 'verify'>;
  readonly sessions: Pick<SessionStore, 'peek'>;
  onShed(): void;
}

export function createShedding(needs: Needs): Shedding {
  const { admission, common, onShed } = needs;
  const answers = retryAfterSeconds.map((seconds) => [
    ...common,
    'content-type',
    'application/problem+json',
    'cache-control',
    'no-store',
    'plinth-shed',
    '1',
    'retry-after',
    String(seconds),
    'content-length',
    String(body.length),
  ]);
  let turn = 0;
  return {
    enter(request, response, head) {
      // Below the least share nobody needs to know who asks.
      const requestClass = admission.hasRoom('export') ? 'command' : classOf(needs, request, head);
      if (admission.enter(requestClass)) return true;
      onShed();
      turn = (turn + 1) % answers.length;
      // Spread over three seconds: those who are told the same come back together.
      response.writeHead(503, answers[turn]);
      response.end(body);
      return false;
    },
  };
}

/** A valid cookie's MAC is enough: nothing is looked up for who may be turned away. */
function classOf(
  { cookies, keys, sessions }: Needs,
  { method }: IncomingMessage,
  head: Head,
): RequestClass {
  if (head.authorization !== '') return 'key';
  const cookie = findCookie(head.cookie, cookies.session);
  if (cookie === '') return 'anonymous';
  const isOurs =
    sessions.peek(cookie) !== undefined || keys.verify('cookie', `v1.${cookie}`) !== undefined;
  if (!isOurs) return 'anonymous';
  return method === 'GET' || method === 'HEAD' ? 'query' : 'command';
}
