import type { Modules } from './routes.gen.ts';

export type ModuleName = keyof Modules;

/** What a query is kept under: the operation's name and its input. */
export type QueryKey = readonly [module: string, operation?: string, input?: unknown];

export function keyOf(module: ModuleName, operation?: string, input?: unknown): QueryKey {
  if (operation === undefined) return [module];
  return input === undefined ? [module, operation] : [module, operation, input];
}

interface Change {
  readonly topic: string;
  readonly ids?: readonly string[] | undefined;
}

/** Queries that show one thing: they are asked again only if it is that thing which changed. */
const details: Readonly<Record<string, readonly string[]>> = {
  invoicing: ['getInvoice'],
  customers: ['getCustomer', 'getBalances', 'getStatement'],
  payments: ['getPayment'],
};

/**
 * The queries that a live message makes old: details of the things it names, all else of its module, and the
 * reports. Lists are told apart (live.ts): they patch rows.
 */
export function keysOf({ topic, ids }: Change): QueryKey[] {
  const module = topic.split('.')[0] ?? topic;
  const own = details[module] ?? [];
  if (ids === undefined) return [[module], ['reporting']];
  const named = own.flatMap((operation) => ids.map((id): QueryKey => [module, operation, { id }]));
  return [...named, ['reporting']];
}
