import { randomBytes } from 'node:crypto';

import { CommandFailure, exitCodes, type AddedCompany, type CompanyOptions } from '@plinth/cli';
import { identity } from '@plinth/identity';

import { openSite } from './site.ts';

const passwordBytes = 15;

/**
 * A company with its owner, who may then invite whoever else works there.
 *
 * @throws {CommandFailure} `usage` naming what does not fit.
 */
export async function addCompany(options: CompanyOptions): Promise<AddedCompany> {
  const { name, currency, zone, locale, country } = options.company;
  const company = { name, currency, zone, locale, country };
  check(identity.operations.changeCompany.input, company);
  check(identity.operations.inviteUser.input, { email: options.owner.email, role: 'owner' });
  const password = randomBytes(passwordBytes).toString('base64url');
  const email = options.owner.email.trim().toLowerCase();
  const site = await openSite(options);
  try {
    const { tenantId, newAccounts } = await site.product.identity.provision({
      ...company,
      users: [{ role: 'owner', name: options.owner.name, email, password }],
    });
    return { tenantId, email, password: newAccounts.includes(email) ? password : undefined };
  } finally {
    await site.close();
  }
}

interface Schema {
  safeParse(value: unknown): {
    readonly success: boolean;
    readonly error?: { readonly issues: readonly { path: PropertyKey[]; message: string }[] };
  };
}

function check(schema: Schema, value: unknown): void {
  const { error } = schema.safeParse(value);
  const [issue] = error?.issues ?? [];
  if (issue === undefined) return;
  const field = issue.path.map(String).join('.');
  throw new CommandFailure(`${field}: ${issue.message}`, exitCodes.usage, 'plinth company --help');
}
