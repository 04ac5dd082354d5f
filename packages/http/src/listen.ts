import { once } from 'node:events';
import type { Server } from 'node:http';

import { Problem } from '@plinth/core';

/** @throws {Problem} `http.listen` that says what is in the way. */
export async function listen(
  server: Server,
  { port, listen: host }: { readonly port: number; readonly listen: string },
): Promise<void> {
  try {
    server.listen({ port, host, backlog: 1_024 });
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const reason =
      code === 'EADDRINUSE'
        ? `Port ${port} of ${host} is taken by another process.`
        : `Port ${port} of ${host} cannot be opened.`;
    throw new Problem(reason, { code: 'http.listen', kind: 'unavailable', cause: error });
  }
}
