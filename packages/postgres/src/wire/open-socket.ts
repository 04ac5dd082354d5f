import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';

import { serialize } from 'pg-protocol';

import type { Target } from './target.ts';

const keepAliveMs = 10_000;

/**
 * A socket to the server, encrypted as `sslmode` says: `prefer` takes what the server offers, `require` and
 * more refuse a server without TLS, `verify-ca` and `verify-full` a certificate that is not trusted, and the
 * last one of another name.
 */
export async function openSocket(target: Target, signal: AbortSignal): Promise<Socket> {
  const { host, port, sslmode } = target;
  const isLocal = host.startsWith('/');
  const socket = isLocal ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
  try {
    await once(socket, 'connect', { signal });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    if (isLocal || sslmode === 'disable') return socket;
    return await negotiateTls(socket, target, signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function negotiateTls(socket: Socket, target: Target, signal: AbortSignal): Promise<Socket> {
  socket.write(serialize.requestSsl());
  const [answer]: unknown[] = await once(socket, 'data', { signal });
  // More than the one byte would be plain text that somebody put before the encrypted stream.
  if (!Buffer.isBuffer(answer) || answer.length !== 1) {
    throw new Error('The server answers the question for TLS with something else.');
  }
  socket.pause();
  if (answer.toString('latin1') === 'S') return encrypt(socket, target, signal);
  if (target.sslmode === 'prefer') return socket;
  throw new Error('The server offers no TLS.');
}

async function encrypt(socket: Socket, target: Target, signal: AbortSignal): Promise<TLSSocket> {
  const { host, sslmode, sslrootcert } = target;
  const verifies = sslmode === 'verify-ca' || sslmode === 'verify-full';
  const options: ConnectionOptions = {
    socket,
    rejectUnauthorized: verifies,
    ...(isIP(host) === 0 ? { servername: host } : { host }),
    ...(sslrootcert === undefined ? {} : { ca: await readFile(sslrootcert) }),
    ...(sslmode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  };
  const secure = connectTls(options);
  await once(secure, 'secureConnect', { signal });
  return secure;
}
