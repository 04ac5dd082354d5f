import type { ServerResponse } from 'node:http';

import type { HealthRegistry, Phase } from '@plinth/core';

/**
 * Answers `/healthz/live`, `/healthz/startup`, `/healthz/ready` with one word, before anything else looks at the
 * request: a full process is alive and ready. Never asks a dependency.
 *
 * @returns false for any other path.
 */
export function answerHealth(
  url: string,
  response: ServerResponse,
  state: { readonly phase: () => Phase; readonly health: Pick<HealthRegistry, 'ready'> },
): boolean {
  const word = wordOf(url, state);
  if (word === undefined) return false;
  response.writeHead(word === 'ok' ? 200 : 503, [
    'content-type',
    'text/plain',
    'cache-control',
    'no-store',
    'content-length',
    String(word.length),
  ]);
  response.end(word);
  return true;
}

function wordOf(
  url: string,
  {
    phase,
    health,
  }: { readonly phase: () => Phase; readonly health: Pick<HealthRegistry, 'ready'> },
): string | undefined {
  switch (url) {
    case '/healthz/live':
      return 'ok';
    case '/healthz/startup':
      return phase() === 'starting' ? 'starting' : 'ok';
    case '/healthz/ready':
      if (phase() !== 'ready') return phase();
      return health.ready() ? 'ok' : 'down';
    default:
      return undefined;
  }
}
