/** What a key can be given, in the order in which rights grow. A key is no person: nothing of accounts is among them. */
export const rights = [
  'customers.read',
  'invoicing.read',
  'payments.read',
  'reporting.read',
  'audit.read',
  'customers.write',
  'invoicing.write',
  'imports.write',
  'invoicing.issue',
  'payments.write',
  'exports.all',
] as const;

export type Right = (typeof rights)[number];

type WordOf<right extends string> = right extends `${infer module}.${infer verb}`
  ? `right_${module}_${verb}`
  : never;

/** The word of a right: its id in the messages. */
export function wordOf<right extends Right>(right: right): WordOf<right> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `WordOf` says the same of the type
  return `right_${right.replace('.', '_')}` as WordOf<right>;
}

export function isRight(permission: string): permission is Right {
  return rights.some((right) => right === permission);
}
