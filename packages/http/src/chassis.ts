import type { Clock, KeyRing, Log, NewId } from '@plinth/core';
import type { PositionTokens } from '@plinth/postgres';

import type { Admission } from './admission.ts';
import type { Answers } from './answer.ts';
import type { Callers } from './callers.ts';
import type { Compressor } from './compressor.ts';
import type { HttpLimits } from './config.ts';
import type { CookieNames } from './cookies.ts';
import type { Gate } from './gate.ts';
import type { Idempotency } from './idempotency.ts';
import type { Measures } from './measures.ts';
import type { SessionStore } from './sessions.ts';
import type { Uploads } from './uploads.ts';

/** What the pieces of one listener share. Made once, never changed. */
export interface Chassis {
  readonly answers: Answers;
  readonly admission: Admission;
  readonly gate: Gate;
  readonly callers: Callers;
  readonly sessions: SessionStore;
  readonly idempotency: Idempotency;
  readonly compressor: Compressor;
  readonly measures: Measures;
  readonly uploads: Uploads | undefined;
  readonly keys: KeyRing;
  readonly cookies: CookieNames;
  readonly positions: PositionTokens;
  readonly sessionMaxAgeS: number;
  readonly deadlineMs: number;
  readonly limits: HttpLimits;
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: NewId;
}
