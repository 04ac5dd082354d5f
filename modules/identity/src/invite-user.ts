import { createHash, timingSafeEqual } from 'node:crypto';

import type { Ctx } from '@plinth/core';

import { accountByEmail, insertAccount } from './accounts-table.ts';
import { checkChoice } from './change-account.ts';
import { checkCredentials } from './check-credentials.ts';
import { identity } from './contract.ts';
import {
  invitationById,
  openInvitations,
  replaceInvitation,
  takeInvitation,
} from './invitations-table.ts';
import { insertMember, isEmailMember } from './members-table.ts';
import { instantOf, type IdentityNeeds } from './needs.ts';
import { rolePermissions, type Role } from './permissions.ts';
import { refused, userOf } from './problems.ts';
import { beginSession, type SignedIn } from './sign-in.ts';

const validMs = 7 * 86_400_000;
const secretBytes = 32;

/** @throws {Problem} `identity.already_member`. */
export async function inviteUser(
  needs: IdentityNeeds,
  ctx: Ctx,
  { email, role }: { readonly email: string; readonly role: Role },
): Promise<{ id: string; token: string; expiresAt: string }> {
  const invitedBy = userOf(ctx);
  const id = needs.newId();
  const secret = needs.random(secretBytes);
  const nowMs = needs.clock.now();
  const [now, expiresAt] = [instantOf(nowMs), instantOf(nowMs + validMs)];
  await needs.database.write(ctx, async (tx) => {
    if ((await tx.maybe(isEmailMember, { email })) !== undefined) {
      throw refused('identity.already_member', 'conflict', 'This address belongs to a member.');
    }
    const tokenHash = sha256(secret);
    await tx.run(replaceInvitation, { id, email, role, tokenHash, invitedBy, now, expiresAt });
    const body = { invitationId: id, email, role };
    needs.messaging.outbox.publish(tx, identity.events.userInvited, body);
  });
  return { id, token: formatToken({ tenant: ctx.tenant, id, secret }), expiresAt };
}

export async function listInvitations({ database, clock }: IdentityNeeds, ctx: Ctx) {
  return { items: await database.many(ctx, openInvitations, { now: instantOf(clock.now()) }) };
}

/** @throws {Problem} `identity.unknown_invitation`. */
export async function revokeInvitation(
  { database, messaging }: IdentityNeeds,
  ctx: Ctx,
  id: string,
): Promise<Record<string, never>> {
  await database.write(ctx, async (tx) => {
    if ((await tx.maybe(takeInvitation, { id })) === undefined) {
      throw refused('identity.unknown_invitation', 'notFound', 'There is no such invitation.');
    }
    messaging.outbox.publish(tx, identity.events.invitationRevoked, { invitationId: id });
  });
  return {};
}

interface Accept {
  readonly token: string;
  readonly name: string;
  readonly password: string;
  readonly code?: string | undefined;
}

/** @throws {Problem} `identity.invitation_ended`, `identity.common_password`, and those of `checkCredentials`. */
export async function acceptInvitation(
  needs: IdentityNeeds,
  ctx: Ctx,
  input: Accept,
): Promise<SignedIn> {
  const { tenant, id, email, role } = await findInvitation(needs, ctx, input.token);
  const inside = { ...ctx, tenant };
  const known = await needs.database.maybe(ctx, accountByEmail, { email });
  if (known !== undefined) {
    const checked = await checkCredentials(needs, ctx, { ...input, email });
    if (checked === 'totpRequired') return { cookie: null, totpRequired: true, me: null };
  } else {
    checkChoice(input.password, { email, name: input.name });
  }
  const passwordHash = known?.passwordHash ?? (await needs.passwords.hash(input.password));
  const user = { id: known?.id ?? needs.newId(), email, name: known?.name ?? input.name };
  const now = instantOf(needs.clock.now());
  const actor = { kind: 'user', id: user.id, permissions: rolePermissions[role] } as const;
  await needs.database.write({ ...inside, actor }, async (tx) => {
    if ((await tx.maybe(takeInvitation, { id })) === undefined) throw ended();
    if (known === undefined) {
      const made = await tx.maybe(insertAccount, { ...user, passwordHash, now });
      // Somebody made an account of this address a moment ago: the next try signs in to it.
      if (made === undefined) throw ended();
    }
    const { name } = user;
    await tx.maybe(insertMember, { userId: user.id, role, name, email, now });
    const body = { userId: user.id, name, email, role };
    needs.messaging.outbox.publish(tx, identity.events.userJoined, body);
  });
  const account = await needs.database.one(ctx, accountByEmail, { email });
  return beginSession(needs, ctx, { account, tenant });
}

async function findInvitation(needs: IdentityNeeds, ctx: Ctx, token: string) {
  const parsed = parseToken(token);
  if (parsed === undefined) throw ended();
  const { tenant, id, secret } = parsed;
  const now = instantOf(needs.clock.now());
  const found = await needs.database.maybe({ ...ctx, tenant }, invitationById, { id, now });
  if (found === undefined || !timingSafeEqual(found.tokenHash, sha256(secret))) throw ended();
  return { tenant, id, email: found.email, role: found.role };
}

interface Token {
  readonly tenant: string;
  readonly id: string;
  readonly secret: Buffer;
}
const idBytes = 16;

/** The tenant and the invitation stand in it, so that it is looked up under row-level security. */
function formatToken({ tenant, id, secret }: Token): string {
  const ids = Buffer.from((tenant + id).replaceAll('-', ''), 'hex');
  return Buffer.concat([ids, secret]).toString('base64url');
}

function parseToken(token: string): Token | undefined {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== 2 * idBytes + secretBytes) return undefined;
  return {
    tenant: toUuid(bytes.subarray(0, idBytes)),
    id: toUuid(bytes.subarray(idBytes, 2 * idBytes)),
    secret: bytes.subarray(2 * idBytes),
  };
}

function toUuid(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  const cuts = [0, 8, 12, 16, 20, 32];
  return cuts
    .slice(1)
    .map((end, index) => hex.slice(cuts[index], end))
    .join('-');
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function ended() {
  return refused(
    'identity.invitation_ended',
    'gone',
    'This invitation has ended: ask for another.',
  );
}
