import type { Ctx } from '@plinth/core';

import { identity } from './contract.ts';
import type { IdentityNeeds } from './needs.ts';
import { refused, sessionOf, userOf } from './problems.ts';

/** @throws {Problem} `identity.needs_session`. */
export async function signOut(needs: IdentityNeeds, ctx: Ctx): Promise<{ cookie: null }> {
  const { user, session } = sessionOf(ctx);
  await end(needs, ctx, { user, session, why: 'signOut' });
  return { cookie: null };
}

/** @throws {Problem} `identity.unknown_session` for one that is not the caller's own. */
export async function revokeSession(
  needs: IdentityNeeds,
  ctx: Ctx,
  id: string,
): Promise<Record<string, never>> {
  const user = userOf(ctx);
  const own = await needs.sessions.list(user);
  if (!own.some((session) => session.id === id)) {
    throw refused('identity.unknown_session', 'notFound', 'You have no such session.');
  }
  await end(needs, ctx, { user, session: id, why: 'user' });
  return {};
}

export async function listSessions(needs: IdentityNeeds, ctx: Ctx) {
  const sessions = await needs.sessions.list(userOf(ctx));
  const items = sessions.map((session) => ({
    id: session.id,
    tenantId: session.tenant ?? null,
    createdAt: new Date(session.createdMs).toISOString(),
    seenAt: new Date(session.seenMs).toISOString(),
    userAgent: session.userAgent,
    ip: session.ip,
    current: session.id === ctx.client?.session,
  }));
  return { items };
}

interface Ending {
  readonly user: string;
  readonly session: string;
  readonly why: 'user' | 'signOut';
}

async function end(needs: IdentityNeeds, ctx: Ctx, { user, session, why }: Ending): Promise<void> {
  await needs.database.write(ctx, async (tx) => {
    const body = { userId: user, sessionId: session, why };
    needs.messaging.outbox.publish(tx, identity.events.sessionRevoked, body);
  });
  await needs.sessions.revoke(session);
  needs.realtime.revoke({ session });
}
