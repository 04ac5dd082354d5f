import { Client } from 'pg';

import { unavailableProblem } from '../errors.ts';

const connectTimeoutMs = 10_000;
const keepAliveMs = 10_000;

/** A connection of its own, with a session that lasts: what a runner of migrations needs. */
export async function connect(url: string, applicationName: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
  });
  // A failure comes by the statement that it hits.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw unavailableProblem('The database gives no connection.', error);
  }
  return client;
}
