/** What settles a promise from outside. */
interface Opened {
  promise: Promise<unknown>;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

const opened: Opened = {
  promise: Promise.resolve(),
  resolve: () => undefined,
  reject: () => undefined,
};

/** One function for all promises, instead of a closure for each. */
function capture(resolve: (value: unknown) => void, reject: (reason: unknown) => void): void {
  opened.resolve = resolve;
  opened.reject = reject;
}

/** @returns an object that the next call overwrites: take its parts at once. */
export function openPromise(): Readonly<Opened> {
  opened.promise = new Promise(capture);
  return opened;
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return value instanceof Promise || (isObject(value) && typeof value['then'] === 'function');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
