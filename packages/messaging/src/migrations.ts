/** The tables of the outbox, its relay and its subscriptions, in schema `plinth`. */
export const migrations = {
  module: 'messaging',
  folder: new URL('../migrations/', import.meta.url),
} as const;
