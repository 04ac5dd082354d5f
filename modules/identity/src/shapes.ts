import { currency, id, instant, version } from '@plinth/contract';
import { z } from '@plinth/core/z';

/** One line of text without control characters, cut at its ends. */
export function line(charactersMax: number) {
  return z
    .string()
    .trim()
    .min(1, 'A value is missing.')
    .max(charactersMax, `At most ${charactersMax} characters.`)
    .regex(/^\P{Cc}*$/u, 'One line of text.');
}

export const email = z.email('This is not an e-mail address.').trim().toLowerCase().max(254);
/** Length alone counts, and that it is none of the commonest: http.md, «Password». */
export const password = z
  .string()
  .min(8, 'A password has at least 8 characters.')
  .max(256, 'A password has at most 256 characters.');
/** Six digits of an authenticator, or a recovery code of ten characters. */
export const code = z.string().trim().min(6).max(11);
export const role = z.enum(['owner', 'accountant', 'clerk', 'viewer']);
/** IANA: `Europe/Berlin`. */
export const zone = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_+\-/]+$/u);
/** BCP 47: `de-AT`. */
export const locale = z
  .string()
  .min(2)
  .max(35)
  .regex(/^[A-Za-z0-9-]+$/u);
/** `module.verb` */
export const permission = z
  .string()
  .max(64)
  .regex(/^[a-z]+\.[a-z]+$/u);
/** Hash of the session's id, hex: names a session, opens none. */
export const sessionId = z.string().regex(/^[0-9a-f]{32,64}$/u);

export const company = z.object({
  name: line(200),
  legalName: line(200).nullable(),
  vatId: line(32).nullable(),
  street: line(200).nullable(),
  postalCode: line(20).nullable(),
  city: line(100).nullable(),
  /** ISO 3166-1 alpha-2. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/u, 'Two capital letters: DE.')
    .nullable(),
  email: email.nullable(),
  phone: line(40).nullable(),
  iban: z
    .string()
    .regex(/^[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}$/u)
    .nullable(),
  currency,
  zone,
  locale,
});
export const tenant = company.extend({ id, version, createdAt: instant });

export const me = z.object({
  user: z.object({
    id,
    email: z.string(),
    name: z.string(),
    /** Null: the tenant's. */
    locale: z.string().nullable(),
    zone: z.string().nullable(),
    totp: z.boolean(),
    version,
  }),
  tenant: z.object({
    id,
    name: z.string(),
    currency: z.string(),
    zone: z.string(),
    locale: z.string(),
  }),
  role,
  permissions: z.array(z.string()),
  tenants: z.array(z.object({ id, name: z.string(), role })),
  /** Today in the tenant's zone. */
  today: z.iso.date(),
});

export const member = z.object({
  /** The user's id. */
  id,
  version,
  name: z.string(),
  email: z.string(),
  role,
  joinedAt: instant,
});

export const invitation = z.object({
  id,
  email: z.string(),
  role,
  invitedBy: id,
  createdAt: instant,
  expiresAt: instant,
});

export const session = z.object({
  id: sessionId,
  tenantId: id.nullable(),
  createdAt: instant,
  seenAt: instant,
  userAgent: z.string().nullable(),
  ip: z.string().nullable(),
  current: z.boolean(),
});

export const apiKey = z.object({
  /** Twelve characters: the part of the key that is not secret. */
  id: z.string(),
  name: z.string(),
  permissions: z.array(z.string()),
  createdBy: id,
  createdAt: instant,
  expiresAt: instant,
  lastUsedAt: instant.nullable(),
  revokedAt: instant.nullable(),
});

export const preferenceKey = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[\w.:-]+$/u);
/** Texts by key: all together at most 64 KiB. */
export const preferences = z.record(preferenceKey, z.string().max(65_536));
