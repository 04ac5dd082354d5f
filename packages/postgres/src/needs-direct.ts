import type { Client } from 'pg';

import { refuse } from './errors.ts';

/**
 * A pooler tells its client a process id of its own making: where it is not that of the server's process, what
 * lasts longer than a transaction (a lock of the session, LISTEN, a setting) would be on anybody's connection.
 *
 * @throws {Problem} `postgres.needs_direct`
 */
export async function checkDirect(client: Client): Promise<void> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const told: unknown = Reflect.get(client, 'processID');
  if (rows[0]?.pid === told) return;
  throw refuse({
    message:
      'A pooler stands between, and this needs a session of its own: give DATABASE_DIRECT_URL, or DATABASE_ADMIN_URL for migrations, the server itself.',
    code: 'postgres.needs_direct',
    kind: 'internal',
  });
}
