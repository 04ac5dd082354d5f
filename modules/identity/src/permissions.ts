export type Role = 'owner' | 'accountant' | 'clerk' | 'viewer';

const everybody = [
  'identity.self',
  'notifications.self',
  'customers.read',
  'invoicing.read',
  'payments.read',
  'reporting.read',
] as const;
const writing = ['customers.write', 'invoicing.write', 'imports.write'] as const;
const booking = ['invoicing.issue', 'payments.write', 'exports.all', 'audit.read'] as const;
const owning = ['identity.admin', 'identity.close'] as const;

/** The one table of who may do what: application.md, «Roles». A test holds it against the contracts. */
export const rolePermissions: Readonly<Record<Role, ReadonlySet<string>>> = {
  owner: new Set([...everybody, ...writing, ...booking, ...owning]),
  accountant: new Set([...everybody, ...writing, ...booking]),
  clerk: new Set([...everybody, ...writing]),
  viewer: new Set(everybody),
};

/** What an API key can never have, whoever makes it: it is no person, and must not make more keys. */
const personal = new Set([
  'identity.self',
  'notifications.self',
  'identity.admin',
  'identity.close',
]);

/** The permissions that one may hand on to an API key. */
export function grantable(actor: ReadonlySet<string>): ReadonlySet<string> {
  return actor.difference(personal);
}

/** A key is worth no more than its maker is by now: one who left or was demoted takes the key's rights along. */
export function keyPermissions(granted: readonly string[], makerRole: Role | null): Set<string> {
  if (makerRole === null) return new Set();
  return new Set(granted).intersection(grantable(rolePermissions[makerRole]));
}
