import { fromVersion, toVersion } from '@plinth/contract';
import { Problem } from '@plinth/core';

export function unknownCustomer(id: string): Problem {
  return new Problem(`There is no customer ${id}.`, {
    code: 'customers.unknown',
    kind: 'notFound',
  });
}

export function numberTaken(number: string): Problem {
  const message = `Another customer has the number ${number}.`;
  return new Problem(message, {
    code: 'customers.number_taken',
    kind: 'conflict',
    fields: [{ pointer: '/number', code: 'customers.number_taken', message }],
  });
}

export function unknownImport(id: string): Problem {
  return new Problem(`There is no import ${id}.`, {
    code: 'customers.unknown_import',
    kind: 'notFound',
  });
}

/**
 * @param given what the client has seen; undefined: any.
 * @throws {Problem} `http.stale_version`, with the present one.
 */
export function checkVersion(given: string | undefined, current: number): void {
  if (given === undefined || fromVersion(given) === current) return;
  throw new Problem('Somebody changed the customer meanwhile.', {
    code: 'http.stale_version',
    kind: 'stale',
    context: { current: toVersion(current) },
  });
}
