/** The tables of the postgres driver. */
export const migrations = {
  module: 'storage',
  folder: new URL('../migrations/', import.meta.url),
} as const;
