import type { z } from '@plinth/core/z';
import type { identity } from '@plinth/identity';

import { queryOf } from '../../data/queries.ts';

export type Member = z.output<typeof identity.operations.listUsers.output>['items'][number];
export type Role = Member['role'];

export const roles = ['owner', 'accountant', 'clerk', 'viewer'] as const satisfies readonly Role[];
const membersMax = 200;

export const usersQuery = queryOf('identity', 'listUsers', { sort: 'name', limit: membersMax });
export const invitationsQuery = queryOf('identity', 'listInvitations', {});
