import { sql, t } from '@plinth/postgres';

const columns = sql.fragment`
  tenant_id as id, version, name, legal_name as "legalName", vat_id as "vatId", street,
  postal_code as "postalCode", city, country, email, phone, iban, currency, zone, locale,
  created_at as "createdAt"`;
const text = t.nullable(t.text);
const company = {
  name: t.text,
  legalName: text,
  vatId: text,
  street: text,
  postalCode: text,
  city: text,
  country: text,
  email: text,
  phone: text,
  iban: text,
  currency: t.text,
  zone: t.text,
  locale: t.text,
};
const row = { id: t.uuid, version: t.int8n, ...company, createdAt: t.instant };

/** Under its own tenant there is one row to see. */
export const ownTenant = sql({}, row)`select ${columns} from identity.tenant`;

/** Holds the tenant's row: changes of the company and of its roles come one after the other. */
export const lockTenant = sql({}, row)`select ${columns} from identity.tenant for no key update`;

export const tenantZone = sql({}, { zone: t.text }, { hot: true })`
  select zone from identity.tenant where tenant_id = current_setting('app.tenant')::uuid`;

export const insertTenant = sql(
  {
    name: t.text,
    currency: t.text,
    zone: t.text,
    locale: t.text,
    country: text,
    now: t.instant,
  },
  {},
)`
  insert into identity.tenant (name, currency, zone, locale, country, created_at)
  values (${'name'}, ${'currency'}, ${'zone'}, ${'locale'}, ${'country'}, ${'now'})
  on conflict (tenant_id) do nothing`;

export const saveTenant = sql(company, { version: t.int8n })`
  update identity.tenant
  set name = ${'name'}, legal_name = ${'legalName'}, vat_id = ${'vatId'}, street = ${'street'},
      postal_code = ${'postalCode'}, city = ${'city'}, country = ${'country'}, email = ${'email'},
      phone = ${'phone'}, iban = ${'iban'}, currency = ${'currency'}, zone = ${'zone'},
      locale = ${'locale'}, version = version + 1
  returning version`;
