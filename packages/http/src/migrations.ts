/** Schema `http`: sessions, keys, answers kept under idempotency keys. */
export const migrations = {
  module: 'http',
  folder: new URL('../migrations/', import.meta.url),
};
