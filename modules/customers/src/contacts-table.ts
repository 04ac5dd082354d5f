import { sql, t } from '@plinth/postgres';

const text = t.nullable(t.text);

export const contactsOf = sql(
  { customerId: t.uuid },
  { name: t.text, position: text, email: text, phone: text },
)`
  select name, job as position, email, phone from customers.contact
  where customer_id = ${'customerId'}
  order by contact.position`;

export const deleteContacts = sql({ customerId: t.uuid }, {})`
  delete from customers.contact where customer_id = ${'customerId'}`;

export const insertContacts = sql(
  {
    customerId: t.uuid,
    names: t.array(t.text),
    jobs: t.array(text),
    emails: t.array(text),
    phones: t.array(text),
  },
  {},
)`
  insert into customers.contact (customer_id, position, name, job, email, phone)
  select ${'customerId'}, g.position::int, g.name, g.job, g.email, g.phone
  from unnest(${'names'}::text[], ${'jobs'}::text[], ${'emails'}::text[], ${'phones'}::text[])
       with ordinality g (name, job, email, phone, position)`;
