import { event, id, version } from '@plinth/contract';
import { z } from '@plinth/core/z';

import { role } from './shapes.ts';

export const identityEvents = {
  tenantCreated: event({ schema: z.object({ tenantId: id, name: z.string() }), key: 'tenantId' }),
  companyChanged: event({
    schema: z.object({ tenantId: id, fields: z.array(z.string()), version }),
    key: 'tenantId',
  }),
  userInvited: event({
    schema: z.object({ invitationId: id, email: z.string(), role }),
    key: 'invitationId',
  }),
  invitationRevoked: event({ schema: z.object({ invitationId: id }), key: 'invitationId' }),
  userJoined: event({
    schema: z.object({ userId: id, name: z.string(), email: z.string(), role }),
    key: 'userId',
  }),
  userLeft: event({ schema: z.object({ userId: id, name: z.string() }), key: 'userId' }),
  roleChanged: event({ schema: z.object({ userId: id, from: role, to: role }), key: 'userId' }),
  profileChanged: event({
    schema: z.object({ userId: id, fields: z.array(z.string()) }),
    key: 'userId',
  }),
  preferencesChanged: event({
    schema: z.object({ userId: id, keys: z.array(z.string()) }),
    key: 'userId',
  }),
  passwordChanged: event({ schema: z.object({ userId: id }), key: 'userId' }),
  totpChanged: event({ schema: z.object({ userId: id, active: z.boolean() }), key: 'userId' }),
  sessionRevoked: event({
    schema: z.object({
      userId: id,
      /** Null: all of the user's. */
      sessionId: z.string().nullable(),
      why: z.enum(['user', 'signOut', 'password', 'role', 'removed']),
    }),
    key: 'userId',
  }),
  signedIn: event({
    schema: z.object({ userId: id, ip: z.string(), userAgent: z.string() }),
    key: 'userId',
  }),
  tenantSwitched: event({ schema: z.object({ userId: id, tenantId: id }), key: 'userId' }),
  signInFailed: event({
    schema: z.object({ userId: id, ip: z.string(), userAgent: z.string() }),
    key: 'userId',
  }),
  lockedOut: event({ schema: z.object({ userId: id, ip: z.string() }), key: 'userId' }),
  apiKeyCreated: event({
    schema: z.object({ keyId: z.string(), name: z.string(), permissions: z.array(z.string()) }),
    key: 'keyId',
  }),
  apiKeyRevoked: event({ schema: z.object({ keyId: z.string() }), key: 'keyId' }),
};
