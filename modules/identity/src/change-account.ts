import { toVersion } from '@plinth/contract';
import type { Ctx } from '@plinth/core';

import { lockAccount, savePassword, saveProfile, saveTotp } from './accounts-table.ts';
import { checkOwnPassword, openSecret, secretPlace } from './check-credentials.ts';
import { isCommonPassword } from './common-passwords.ts';
import { identity } from './contract.ts';
import { saveMemberName } from './members-table.ts';
import { instantOf, type IdentityNeeds } from './needs.ts';
import { checkVersion, refused, sessionOf, userOf } from './problems.ts';
import { replaceSession } from './sign-in.ts';
import { checkZone } from './tenant-day.ts';
import {
  matchTotp,
  newRecoveryCodes,
  newTotpSecret,
  recoveryHash,
  toBase32,
  totpUri,
} from './totp.ts';

const issuer = 'Plinth';

interface Profile {
  readonly version?: string | undefined;
  readonly name?: string | undefined;
  readonly locale?: string | null | undefined;
  readonly zone?: string | null | undefined;
}

/** @throws {Problem} `http.stale_version`, `identity.bad_zone`. */
export async function changeMe(
  { database, messaging }: IdentityNeeds,
  ctx: Ctx,
  { version: seen, name, locale, zone }: Profile,
): Promise<{ version: string }> {
  const id = userOf(ctx);
  if (zone !== undefined && zone !== null) checkZone(zone);
  return database.write(ctx, async (tx) => {
    const before = await tx.one(lockAccount, { id });
    checkVersion(seen, before.version);
    const saved = await tx.one(saveProfile, {
      id,
      name: name ?? before.name,
      locale: locale === undefined ? before.locale : locale,
      zone: zone === undefined ? before.zone : zone,
    });
    if (name !== undefined) await tx.run(saveMemberName, { userId: id, name });
    const given = Object.entries({ name, locale, zone }).filter(([, value]) => value !== undefined);
    const fields = given.map(([field]) => field);
    messaging.outbox.publish(tx, identity.events.profileChanged, { userId: id, fields });
    return { version: toVersion(saved.version) };
  });
}

/** @throws {Problem} `identity.wrong_credentials`, `identity.common_password`, `identity.needs_session`. */
export async function changePassword(
  needs: IdentityNeeds,
  ctx: Ctx,
  { current, next }: { readonly current: string; readonly next: string },
): Promise<{ cookie: string }> {
  const { user, session } = sessionOf(ctx);
  const account = await checkOwnPassword(needs, ctx, { user, password: current });
  checkChoice(next, account);
  const passwordHash = await needs.passwords.hash(next);
  await needs.database.write(ctx, async (tx) => {
    await tx.run(savePassword, { id: user, passwordHash });
    const { outbox } = needs.messaging;
    outbox.publish(tx, identity.events.passwordChanged, { userId: user });
    const body = { userId: user, sessionId: null, why: 'password' } as const;
    outbox.publish(tx, identity.events.sessionRevoked, body);
  });
  await needs.sessions.revokeUser(user, { except: session });
  const { cookie } = await replaceSession(needs, ctx, { user, session, tenant: ctx.tenant });
  needs.realtime.revoke({ user });
  return { cookie };
}

/** @throws {Problem} `identity.common_password`. */
export function checkChoice(
  password: string,
  { email, name }: { readonly email: string; readonly name: string },
): void {
  if (!isCommonPassword(password, [email, email.split('@')[0] ?? '', name])) return;
  throw refused(
    'identity.common_password',
    'invalid',
    'This password is among the first that anybody tries: choose another.',
  );
}

/** @throws {Problem} `identity.wrong_credentials`, `identity.totp_active`. */
export async function enrolTotp(
  needs: IdentityNeeds,
  ctx: Ctx,
  { password }: { readonly password: string },
): Promise<{ secret: string; uri: string }> {
  const id = userOf(ctx);
  const { email } = await checkOwnPassword(needs, ctx, { user: id, password });
  const secret = newTotpSecret(needs.random);
  const sealed = needs.keys.seal('data', secret, secretPlace(id));
  await needs.database.write(ctx, async (tx) => {
    const { totpSince } = await tx.one(lockAccount, { id });
    if (totpSince !== null) {
      throw refused('identity.totp_active', 'conflict', 'It is on already: remove it first.');
    }
    await tx.run(saveTotp, { id, secret: sealed, since: null, step: 0, recoveryHashes: [] });
  });
  return { secret: toBase32(secret), uri: totpUri(secret, issuer, email) };
}

/** @throws {Problem} `identity.wrong_code`, `identity.totp_not_begun`. */
export async function confirmTotp(
  needs: IdentityNeeds,
  ctx: Ctx,
  { code }: { readonly code: string },
): Promise<{ recoveryCodes: string[] }> {
  const id = userOf(ctx);
  const recoveryCodes = newRecoveryCodes(needs.random);
  const nowMs = needs.clock.now();
  await needs.database.write(ctx, async (tx) => {
    const account = await tx.one(lockAccount, { id });
    const secret = openSecret(needs, id, account.totpSecret);
    if (secret === undefined || account.totpSince !== null) {
      throw refused('identity.totp_not_begun', 'conflict', 'Begin anew with your password.');
    }
    const step = matchTotp(secret, code, nowMs, account.totpStep);
    if (step === undefined) {
      throw refused('identity.wrong_code', 'invalid', 'This is not the code that is right now.');
    }
    await tx.run(saveTotp, {
      id,
      secret: account.totpSecret,
      since: instantOf(nowMs),
      step,
      recoveryHashes: recoveryCodes.map(recoveryHash),
    });
    const body = { userId: id, active: true };
    needs.messaging.outbox.publish(tx, identity.events.totpChanged, body);
  });
  return { recoveryCodes };
}

/** @throws {Problem} `identity.wrong_credentials`. */
export async function removeTotp(
  needs: IdentityNeeds,
  ctx: Ctx,
  { password }: { readonly password: string },
): Promise<Record<string, never>> {
  const id = userOf(ctx);
  await checkOwnPassword(needs, ctx, { user: id, password });
  await needs.database.write(ctx, async (tx) => {
    await tx.run(saveTotp, { id, secret: null, since: null, step: 0, recoveryHashes: [] });
    const body = { userId: id, active: false };
    needs.messaging.outbox.publish(tx, identity.events.totpChanged, body);
  });
  return {};
}
