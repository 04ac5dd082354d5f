import type { FactoryContext } from './cache.ts';

/** A factory that says when it has begun, and returns when it is told. */
export interface Gate<value> {
  factory(context: FactoryContext<value>): Promise<value>;
  readonly began: Promise<FactoryContext<value>>;
  open(value: value): void;
  fail(error: Error): void;
}

export function gate<value>(): Gate<value> {
  const began = Promise.withResolvers<FactoryContext<value>>();
  const opened = Promise.withResolvers<value>();
  return {
    factory(context) {
      began.resolve(context);
      return opened.promise;
    },
    began: began.promise,
    open: opened.resolve,
    fail: opened.reject,
  };
}
