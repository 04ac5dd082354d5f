import { fromVersion, toVersion } from '@plinth/contract';
import { Problem, type Ctx } from '@plinth/core';

/** One answer for an unknown address, a wrong password and a wrong code. */
export function wrongCredentials(): Problem {
  return new Problem('E-mail address, password or code are not right.', {
    code: 'identity.wrong_credentials',
    kind: 'unauthenticated',
  });
}

export function noTenant(): Problem {
  return new Problem('You do not belong to this company.', {
    code: 'identity.no_tenant',
    kind: 'forbidden',
  });
}

export function unknownUser(): Problem {
  return new Problem('Nobody in this company has this id.', {
    code: 'identity.unknown_user',
    kind: 'notFound',
  });
}

export function lastOwner(): Problem {
  return new Problem('A company keeps at least one owner: make somebody else one first.', {
    code: 'identity.last_owner',
    kind: 'conflict',
  });
}

export function refused(
  code: `identity.${string}`,
  kind: 'invalid' | 'conflict' | 'notFound' | 'gone' | 'forbidden' | 'tooLarge',
  message: string,
): Problem {
  return new Problem(message, { code, kind });
}

/** @throws {Problem} `identity.needs_session` for anybody but a person who signed in. */
export function sessionOf(ctx: Ctx): { user: string; session: string } {
  const session = ctx.client?.session;
  if (ctx.actor.kind !== 'user' || session === undefined) {
    throw refused('identity.needs_session', 'forbidden', 'This needs somebody who signed in.');
  }
  return { user: ctx.actor.id, session };
}

/** @throws {Problem} `identity.needs_session` for an API key. */
export function userOf({ actor }: Ctx): string {
  if (actor.kind === 'user') return actor.id;
  throw refused('identity.needs_session', 'forbidden', 'This needs a person, not a key.');
}

/** @throws {Problem} `http.stale_version`, with the present one. */
export function checkVersion(given: string | undefined, current: number): void {
  if (given === undefined || fromVersion(given) === current) return;
  throw new Problem('Somebody changed it meanwhile.', {
    code: 'http.stale_version',
    kind: 'stale',
    context: { current: toVersion(current) },
  });
}
