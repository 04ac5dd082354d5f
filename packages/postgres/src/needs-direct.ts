import type { Problem } from '@plinth/core';
import type { Client } from 'pg';

import type { Connection } from './connection.ts';
import { refuse } from './errors.ts';

const text = 'select pg_backend_pid() as pid';

/**
 * A pooler tells its client a process id of its own making: where it is not that of the server's process, what
 * lasts longer than a transaction (a lock of the session, LISTEN, a setting) would be on anybody's connection.
 *
 * @throws {Problem} `postgres.needs_direct`
 */
export async function checkDirect(client: Client): Promise<void> {
  const { rows } = await client.query<{ pid: number }>(text);
  if (rows[0]?.pid !== Reflect.get(client, 'processID')) throw needsDirect();
}

/**
 * The same of a connection of our own engine, which it closes then.
 *
 * @throws {Problem} `postgres.needs_direct`
 */
export async function checkSession(connection: Connection): Promise<void> {
  const { rows } = await connection.send({ text });
  if (rows[0]?.[0] === String(connection.processId)) return;
  await connection.close();
  throw needsDirect();
}

function needsDirect(): Problem {
  return refuse({
    message:
      'A pooler stands between, and this needs a session of its own: name the server itself in DATABASE_DIRECT_URL, for migrations in DATABASE_ADMIN_URL.',
    code: 'postgres.needs_direct',
    kind: 'internal',
  });
}
