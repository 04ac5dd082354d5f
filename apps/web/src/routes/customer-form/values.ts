import { customers } from '@plinth/customers';
import type { z } from '@plinth/core/z';

export const changeSchema = customers.operations.changeCustomer.input.omit({
  id: true,
  version: true,
});

type Customer = z.output<typeof customers.operations.getCustomer.output>;
type Fields = z.output<typeof changeSchema>;

const usualTermDays = 30;

/** A new customer before anybody writes; its number stays open. */
export function blankCustomer(currency: string) {
  return {
    name: '',
    number: undefined,
    legalName: null,
    vatId: null,
    email: null,
    phone: null,
    street: null,
    postalCode: null,
    city: null,
    region: null,
    country: '',
    currency,
    termDays: usualTermDays,
    creditLimitMinor: null,
    notes: null,
  };
}

/** The fields that the form has, of a customer as it is. */
export function fieldsOf(customer: Customer): Fields {
  const { name, number, legalName, vatId, email, phone, street, postalCode } = customer;
  const { city, region, country, currency, termDays, creditLimitMinor, notes } = customer;
  const place = { street, postalCode, city, region, country };
  const terms = { currency, termDays, creditLimitMinor, notes };
  return { name, number, legalName, vatId, email, phone, ...place, ...terms };
}
