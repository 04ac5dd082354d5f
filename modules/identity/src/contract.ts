import {
  command,
  defineModule,
  del,
  get,
  id,
  instant,
  listInput,
  pageOf,
  patch,
  post,
  put,
  query,
  rowsInput,
  rowsOf,
  summaryInput,
  summaryOutput,
  version,
} from '@plinth/contract';
import { z } from '@plinth/core/z';

import { identityEvents } from './events.ts';
import {
  apiKey,
  code,
  company,
  email,
  invitation,
  line,
  locale,
  me,
  member,
  password,
  permission,
  preferenceKey,
  preferences,
  role,
  session,
  sessionId,
  tenant,
  zone,
} from './shapes.ts';

const cookie = z.string().nullable();
const none = z.object({});
const secret = { cache: 'sensitive' } as const;
const optional = { ...secret, idempotency: 'optional' } as const;
const versioned = { ...optional, ifMatch: 'required' } as const;
/** It makes or ends a session: never stored under an idempotency key, since the answer holds the cookie. */
const makesSession = { ...secret, session: true } as const;
const self = 'identity.self';
const admin = 'identity.admin';

const wrongPassword = { 'identity.wrong_credentials': 'unauthenticated' } as const;
const commonPassword = { 'identity.common_password': 'invalid' } as const;
const unknownUser = { 'identity.unknown_user': 'notFound' } as const;
const lastOwner = { 'identity.last_owner': 'conflict' } as const;

export const identity = defineModule('identity', {
  operations: {
    /** With a password that is right and a second factor that is missing: `totpRequired`, and no session. */
    signIn: command({
      input: z.object({
        email,
        password: z.string().min(1).max(256),
        code: code.optional(),
        /** The tenant to begin in; default the one used last. */
        tenant: id.optional(),
      }),
      output: z.object({ cookie, totpRequired: z.boolean(), me: me.nullable() }),
      permission: 'public',
      errors: {
        ...wrongPassword,
        'identity.no_tenant': 'forbidden',
        'auth.too_many_failures': 'rateLimited',
        'auth.busy': 'unavailable',
      },
      http: post('/session', makesSession),
    }),
    signOut: command({
      input: none,
      output: z.object({ cookie }),
      permission: self,
      http: del('/session', makesSession),
    }),
    switchTenant: command({
      input: z.object({ tenant: id }),
      output: z.object({ cookie, me }),
      permission: self,
      errors: { 'identity.no_tenant': 'forbidden', 'identity.needs_session': 'forbidden' },
      http: post('/session/tenant', makesSession),
    }),
    whoAmI: query({ input: none, output: me, permission: self, http: get('/me', secret) }),
    changeMe: command({
      input: z.object({
        version: version.optional(),
        name: line(200).optional(),
        locale: locale.nullable().optional(),
        zone: zone.nullable().optional(),
      }),
      output: z.object({ version }),
      permission: self,
      errors: { 'identity.bad_zone': 'invalid' },
      http: patch('/me', optional),
    }),
    /** Ends all other sessions of the user, and gives this one a new id. */
    changePassword: command({
      input: z.object({ current: z.string().min(1).max(256), next: password }),
      output: z.object({ cookie }),
      permission: self,
      errors: { ...wrongPassword, ...commonPassword, 'identity.needs_session': 'forbidden' },
      http: post('/me/password', makesSession),
    }),
    /** Begins: nothing is asked for at sign-in until `confirmTotp`. */
    enrolTotp: command({
      input: z.object({ password: z.string().min(1).max(256) }),
      output: z.object({ secret: z.string(), uri: z.string() }),
      permission: self,
      errors: { ...wrongPassword, 'identity.totp_active': 'conflict' },
      http: post('/me/totp', secret),
    }),
    confirmTotp: command({
      input: z.object({ code }),
      output: z.object({ recoveryCodes: z.array(z.string()) }),
      permission: self,
      errors: { 'identity.wrong_code': 'invalid', 'identity.totp_not_begun': 'conflict' },
      http: post('/me/totp/confirm', secret),
    }),
    removeTotp: command({
      input: z.object({ password: z.string().min(1).max(256) }),
      output: none,
      permission: self,
      errors: wrongPassword,
      http: post('/me/totp/remove', secret),
    }),
    listSessions: query({
      input: none,
      output: z.object({ items: z.array(session) }),
      permission: self,
      http: get('/me/sessions', secret),
    }),
    revokeSession: command({
      input: z.object({ id: sessionId }),
      output: none,
      permission: self,
      errors: { 'identity.unknown_session': 'notFound' },
      http: del('/me/sessions/:id', secret),
    }),
    /** What the UI keeps for a person: texts by key, mostly JSON that the UI alone reads. */
    getPreferences: query({
      input: none,
      output: z.object({ values: preferences, version }),
      permission: self,
      http: get('/me/preferences', { ...secret, etag: 'row' }),
    }),
    /** Sets the keys that it names, removes those in `remove`, leaves all others. All together at most 64 KiB. */
    setPreferences: command({
      input: z.object({
        values: preferences,
        remove: z.array(preferenceKey).max(100).optional(),
      }),
      output: z.object({ version }),
      permission: self,
      errors: { 'identity.preferences_too_large': 'tooLarge' },
      http: put('/me/preferences', optional),
    }),

    getCompany: query({
      input: none,
      output: tenant,
      permission: self,
      http: get('/company', { etag: 'row' }),
    }),
    changeCompany: command({
      input: company.partial().extend({ version: version.optional() }),
      output: z.object({ version }),
      permission: admin,
      errors: { 'identity.bad_zone': 'invalid' },
      http: patch('/company', versioned),
    }),

    listUsers: query({
      input: listInput,
      output: pageOf(member),
      permission: admin,
      http: get('/users', { list: true }),
    }),
    summarizeUsers: query({
      input: summaryInput,
      output: summaryOutput,
      permission: admin,
      http: get('/users/summary'),
    }),
    userRows: query({
      input: rowsInput,
      output: rowsOf(member),
      permission: admin,
      http: get('/users/rows'),
    }),
    changeRole: command({
      input: z.object({ id, version: version.optional(), role }),
      output: z.object({ id, version, role }),
      permission: admin,
      errors: { ...unknownUser, ...lastOwner },
      http: patch('/users/:id', versioned),
    }),
    removeUser: command({
      input: z.object({ id }),
      output: none,
      permission: admin,
      errors: { ...unknownUser, ...lastOwner },
      http: del('/users/:id', optional),
    }),

    listInvitations: query({
      input: none,
      output: z.object({ items: z.array(invitation) }),
      permission: admin,
      http: get('/invitations', secret),
    }),
    /** The token is shown once: who invites hands the link on. A second invitation of an address replaces the first. */
    inviteUser: command({
      input: z.object({ email, role }),
      output: z.object({ id, token: z.string(), expiresAt: instant }),
      permission: admin,
      errors: { 'identity.already_member': 'conflict' },
      http: post('/invitations', { ...secret, status: 201 }),
    }),
    revokeInvitation: command({
      input: z.object({ id }),
      output: none,
      permission: admin,
      errors: { 'identity.unknown_invitation': 'notFound' },
      http: del('/invitations/:id', optional),
    }),
    /** Who has an account already gives its password; who has none chooses one. */
    acceptInvitation: command({
      input: z.object({
        token: z.string().min(20).max(200),
        name: line(200),
        password,
        code: code.optional(),
      }),
      output: z.object({ cookie, totpRequired: z.boolean(), me: me.nullable() }),
      permission: 'public',
      errors: { ...wrongPassword, ...commonPassword, 'identity.invitation_ended': 'gone' },
      http: post('/invitations/accept', makesSession),
    }),

    listApiKeys: query({
      input: none,
      output: z.object({ items: z.array(apiKey) }),
      permission: admin,
      http: get('/api-keys', secret),
    }),
    /** `key` is shown once. Its permissions are some of its maker's; it ends within two years. */
    createApiKey: command({
      input: z.object({
        name: line(100),
        permissions: z.array(permission).min(1).max(50),
        expiresAt: instant,
      }),
      output: z.object({ id: z.string(), key: z.string() }),
      permission: admin,
      errors: { 'identity.beyond_maker': 'forbidden', 'identity.bad_expiry': 'invalid' },
      http: post('/api-keys', { ...secret, status: 201 }),
    }),
    revokeApiKey: command({
      input: z.object({ id: z.string().regex(/^[0-9A-Za-z]{12}$/u) }),
      output: none,
      permission: admin,
      errors: { 'identity.unknown_key': 'notFound' },
      http: del('/api-keys/:id', optional),
    }),
  },
  events: identityEvents,
  views: {
    'identity_api.actor': ['tenant_id', 'id', 'name'],
    'identity_api.member': ['tenant_id', 'user_id', 'name', 'email', 'role', 'joined_at'],
    'identity_api.tenant': [
      'id',
      'name',
      'legal_name',
      'vat_id',
      'street',
      'postal_code',
      'city',
      'country',
      'email',
      'phone',
      'iban',
      'currency',
      'zone',
      'locale',
    ],
  },
});
