import assert from 'node:assert/strict';
import { test } from 'node:test';

import { audit } from '@plinth/audit';
import { customers } from '@plinth/customers';
import { identity } from '@plinth/identity';
import { rolePermissions } from '@plinth/identity/module';
import { invoicing } from '@plinth/invoicing';
import { jobs } from '@plinth/jobs';
import { notifications } from '@plinth/notifications';
import { payments } from '@plinth/payments';
import { reporting } from '@plinth/reporting';

const modules = [
  audit,
  customers,
  identity,
  invoicing,
  jobs,
  notifications,
  payments,
  reporting,
] as const;
const asked = new Set(
  modules.flatMap(({ operations }) =>
    Object.values(operations).map(({ permission }): string => permission),
  ),
);
asked.delete('public');
/** Its operations come with a later issue: application.md, «Roles». */
const ahead = new Set(['identity.close']);

test('every permission that a contract asks for stands in the table of roles', () => {
  assert.deepEqual([...asked.difference(rolePermissions.owner)], []);
});

test('every permission of the table is asked for by some contract', () => {
  assert.deepEqual([...rolePermissions.owner.difference(asked).difference(ahead)], []);
});
