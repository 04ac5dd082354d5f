import { Problem } from '@plinth/core';

export function brokerAway(name: string, cause: unknown): Problem {
  return new Problem(`The broker ${name} does not answer.`, {
    code: 'messaging.broker_away',
    kind: 'unavailable',
    cause,
  });
}

/** A promise, but no longer than `ms`: what is behind it goes on unobserved. */
export async function within<value>(
  ms: number,
  work: Promise<value>,
  toError: () => Error,
): Promise<value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(toError()), ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
