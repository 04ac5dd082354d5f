import { implement, toVersion, type Implementation } from '@plinth/contract';
import type { ApiKey } from '@plinth/http';
import type { Migrations } from '@plinth/postgres';

import { createApiKey, findKey, listApiKeys, revokeKey } from './api-keys.ts';
import { createCalendar, type Calendar } from './calendar.ts';
import { changeMe, changePassword, confirmTotp, enrolTotp, removeTotp } from './change-account.ts';
import { changeRole, removeUser } from './change-role.ts';
import { changeCompany, getCompany } from './company.ts';
import { identity } from './contract.ts';
import { listSessions, revokeSession, signOut } from './end-session.ts';
import { everyTenant } from './every-tenant.ts';
import { acceptInvitation, inviteUser, listInvitations, revokeInvitation } from './invite-user.ts';
import { memberList, roleOf } from './members-table.ts';
import { systemContext, type IdentityNeeds } from './needs.ts';
import { rolePermissions } from './permissions.ts';
import { getPreferences, setPreferences } from './preferences.ts';
import { provisionTenant, type NewTenant, type Provisioned } from './provision.ts';
import { defineEndSessions } from './end-sessions.ts';
import { signIn, switchTenant } from './sign-in.ts';
import { whoAmI } from './who-am-i.ts';

export type { IdentityNeeds } from './needs.ts';
export type { NewTenant, NewUser } from './provision.ts';
export { rolePermissions, type Role } from './permissions.ts';

export const migrations: Migrations = {
  module: 'identity',
  folder: new URL('../migrations/', import.meta.url),
};

/** The module, and what the chassis and the other modules ask of it without a request. */
export interface Identity extends Implementation<typeof identity>, Calendar {
  /** What http asks for a user in a tenant; nothing for one who is no member. */
  permissions(user: string, tenant: string | undefined): Promise<ReadonlySet<string>>;
  apiKey(id: string): Promise<ApiKey | undefined>;
  /** Makes a tenant with its first users. Twice with one id, it adds what is missing. */
  provision(tenant: NewTenant): Promise<Provisioned>;
  /** Every tenant's id: for what runs once a day for each. */
  tenants(): AsyncIterable<string>;
}

const nothing: ReadonlySet<string> = new Set();

export function createIdentity(needs: IdentityNeeds): Identity {
  const calendar = createCalendar(needs);
  defineEndSessions(needs);
  return {
    ...implement(identity, { ...accountOperations(needs), ...tenantOperations(needs, calendar) }),
    ...calendar,
    async permissions(userId, tenant) {
      if (tenant === undefined) return nothing;
      const member = await needs.database.maybe(systemContext(needs, tenant), roleOf, { userId });
      return member === undefined ? nothing : rolePermissions[member.role];
    },
    apiKey: (id) => findKey(needs, id),
    provision: (tenant) => provisionTenant(needs, tenant),
    tenants: () => everyTenant(needs),
  };
}

type Own = Implementation<typeof identity>['handlers'];

/** What a person does about their own account and sessions. */
function accountOperations(needs: IdentityNeeds) {
  return {
    signIn: (ctx, input) => signIn(needs, ctx, input),
    signOut: (ctx) => signOut(needs, ctx),
    switchTenant: (ctx, { tenant }) => switchTenant(needs, ctx, tenant),
    whoAmI: (ctx) => whoAmI(needs, ctx),
    changeMe: (ctx, input) => changeMe(needs, ctx, input),
    changePassword: (ctx, input) => changePassword(needs, ctx, input),
    enrolTotp: (ctx, input) => enrolTotp(needs, ctx, input),
    confirmTotp: (ctx, input) => confirmTotp(needs, ctx, input),
    removeTotp: (ctx, input) => removeTotp(needs, ctx, input),
    listSessions: (ctx) => listSessions(needs, ctx),
    revokeSession: (ctx, { id }) => revokeSession(needs, ctx, id),
    getPreferences: (ctx) => getPreferences(needs, ctx),
    setPreferences: (ctx, input) => setPreferences(needs, ctx, input),
    acceptInvitation: (ctx, input) => acceptInvitation(needs, ctx, input),
  } satisfies Partial<Own>;
}

/** What an owner does about the company, its people and its keys. */
function tenantOperations(needs: IdentityNeeds, { calendar }: Calendar) {
  const { database } = needs;
  return {
    getCompany: (ctx) => getCompany(needs, ctx),
    changeCompany: (ctx, input) => changeCompany(needs, ctx, input),
    async listUsers(ctx, input) {
      const page = await database.page(ctx, memberList, { ...input, ...(await calendar(ctx)) });
      return { ...page, items: page.items.map(toWire) };
    },
    async summarizeUsers(ctx, input) {
      return database.summary(ctx, memberList, { ...input, ...(await calendar(ctx)) });
    },
    async userRows(ctx, input) {
      const rows = await database.rows(ctx, memberList, { ...input, ...(await calendar(ctx)) });
      return { ...rows, items: rows.items.map(toWire) };
    },
    changeRole: (ctx, input) => changeRole(needs, ctx, input),
    removeUser: (ctx, { id }) => removeUser(needs, ctx, id),
    listInvitations: (ctx) => listInvitations(needs, ctx),
    inviteUser: (ctx, input) => inviteUser(needs, ctx, input),
    revokeInvitation: (ctx, { id }) => revokeInvitation(needs, ctx, id),
    listApiKeys: (ctx) => listApiKeys(needs, ctx),
    createApiKey: (ctx, input) => createApiKey(needs, ctx, input),
    revokeApiKey: (ctx, { id }) => revokeKey(needs, ctx, id),
  } satisfies Partial<Own>;
}

function toWire<row extends { readonly version: number }>(row: row) {
  return { ...row, version: toVersion(row.version) };
}
