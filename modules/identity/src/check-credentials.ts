import { createHash } from 'node:crypto';

import type { Ctx } from '@plinth/core';
import type { LoginAttempt } from '@plinth/http';

import {
  accountByEmail,
  accountById,
  lockAccount,
  savePassword,
  saveTotp,
} from './accounts-table.ts';
import { identity } from './contract.ts';
import { membershipsOf } from './members-table.ts';
import { detached, type IdentityNeeds } from './needs.ts';
import { unknownUser, wrongCredentials } from './problems.ts';
import { matchTotp, recoveryHash } from './totp.ts';
import type { Account } from './who-am-i.ts';

/** A right password whose second factor is missing gives no account. */
export type Checked = { readonly account: Account } | 'totpRequired';

interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly code?: string | undefined;
}

/**
 * Checks who somebody says to be. An address that nobody has costs the same time and gets the same answer.
 *
 * @throws {Problem} `identity.wrong_credentials`, `auth.too_many_failures`, `auth.busy`.
 */
export async function checkCredentials(
  needs: IdentityNeeds,
  ctx: Ctx,
  { email, password, code }: Credentials,
): Promise<Checked> {
  const account = await needs.database.maybe(ctx, accountByEmail, { email });
  const attempt = attemptOf(ctx, account?.id ?? createHash('sha256').update(email).digest('hex'));
  needs.logins.check(attempt);
  const outcome = await needs.passwords.check(password, account?.passwordHash);
  if (account === undefined || outcome === 'wrong') {
    throw failed(needs, ctx, { attempt, account });
  }
  if (account.totpSince !== null) {
    if (code === undefined) return 'totpRequired';
    if (!(await useCode(needs, ctx, account.id, code))) {
      throw failed(needs, ctx, { attempt, account });
    }
  }
  needs.logins.succeed(attempt);
  if (outcome === 'rightButWeak') {
    const passwordHash = await needs.passwords.hash(password);
    await needs.database.run(ctx, savePassword, { id: account.id, passwordHash });
  }
  return { account };
}

/**
 * The password of one who is signed in, asked for again.
 *
 * @throws {Problem} `identity.wrong_credentials`, `auth.too_many_failures`.
 */
export async function checkOwnPassword(
  needs: IdentityNeeds,
  ctx: Ctx,
  { user, password }: { readonly user: string; readonly password: string },
): Promise<Account> {
  const account = await needs.database.maybe(ctx, accountById, { id: user });
  if (account === undefined) throw unknownUser();
  const attempt = attemptOf(ctx, user);
  needs.logins.check(attempt);
  const outcome = await needs.passwords.check(password, account.passwordHash);
  if (outcome === 'wrong') throw failed(needs, ctx, { attempt, account });
  needs.logins.succeed(attempt);
  return account;
}

/** Uses up a code of the authenticator, or a recovery code. */
async function useCode(needs: IdentityNeeds, ctx: Ctx, id: string, code: string): Promise<boolean> {
  return needs.database.write(ctx, async (tx) => {
    const account = await tx.one(lockAccount, { id });
    const { totpSecret, totpSince: since, totpStep, recoveryHashes } = account;
    const secret = openSecret(needs, id, totpSecret);
    if (secret === undefined) return false;
    const kept = { id, secret: totpSecret, since };
    const step = matchTotp(secret, code, needs.clock.now(), totpStep);
    if (step !== undefined) {
      await tx.run(saveTotp, { ...kept, step, recoveryHashes });
      return true;
    }
    const used = recoveryHash(code);
    const left = recoveryHashes.filter((one) => !used.equals(one));
    if (left.length === recoveryHashes.length) return false;
    await tx.run(saveTotp, { ...kept, step: totpStep, recoveryHashes: left });
    return true;
  });
}

export function openSecret(
  { keys }: IdentityNeeds,
  userId: string,
  sealed: string | null,
): Buffer | undefined {
  return sealed === null ? undefined : keys.open('data', sealed, secretPlace(userId));
}

export function secretPlace(userId: string): string {
  return `totp:${userId}`;
}

function attemptOf({ client }: Ctx, account: string): LoginAttempt {
  return { account, ip: client?.ip ?? '', device: client?.device };
}

interface Failure {
  readonly attempt: LoginAttempt;
  readonly account: Account | undefined;
}

/** What is written down does not hold up the answer: else its time would tell who has an account. */
function failed(needs: IdentityNeeds, ctx: Ctx, { attempt, account }: Failure) {
  const isLocked = needs.logins.fail(attempt);
  if (account !== undefined) {
    noteFailure(needs, ctx, { account, isLocked }).catch((error: unknown) =>
      ctx.log.error('identity.failure_not_noted', error),
    );
  }
  return wrongCredentials();
}

async function noteFailure(
  { database, messaging }: IdentityNeeds,
  ctx: Ctx,
  { account, isLocked }: { readonly account: Account; readonly isLocked: boolean },
): Promise<void> {
  const { id: userId, lastTenantId } = account;
  const outside = detached(ctx, 'none');
  const memberships = await database.many(outside, membershipsOf, { userId });
  const tenant = memberships.find(({ tenantId }) => tenantId === lastTenantId) ?? memberships[0];
  if (tenant === undefined) return;
  const { ip = '', userAgent = '' } = ctx.client ?? {};
  await database.write(detached(ctx, tenant.tenantId), async (tx) => {
    const { outbox } = messaging;
    outbox.publish(tx, identity.events.signInFailed, { userId, ip, userAgent });
    if (isLocked) outbox.publish(tx, identity.events.lockedOut, { userId, ip });
  });
}
