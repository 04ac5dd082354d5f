import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';

import { cloneDatabase } from '@plinth/testing';

import { findRunner, startEmbedded } from '../embedded/index.ts';
import { openConnection } from './wire-fixture.ts';

const sslText = 'select ssl, version from pg_stat_ssl where pid = pg_backend_pid()';

/** A server with a certificate for `localhost` alone. */
async function startTls(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-tls-'));
  const [cert, key] = [join(folder, 'server.crt'), join(folder, 'server.key')];
  const request = 'req -x509 -newkey rsa:2048 -nodes -days 2 -sha384 -subj /CN=localhost';
  const names = ['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert];
  await promisify(execFile)('openssl', [...request.split(' '), ...names]);
  await chmod(key, 0o600);
  const { owner } = await findRunner();
  if (owner !== undefined) {
    await chmod(folder, 0o755);
    await chown(key, owner, owner);
  }
  const server = await startEmbedded({
    folder: join(folder, 'server'),
    settings: { ssl: 'on', ssl_cert_file: cert, ssl_key_file: key, fsync: 'off' },
    endsWithStarter: true,
  });
  t.after(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });
  return { url: server.adminUrl, cert };
}

function withOptions(url: string, host: string, options: Record<string, string>): string {
  const parsed = new URL(url);
  parsed.hostname = host;
  for (const [name, value] of Object.entries(options)) parsed.searchParams.set(name, value);
  return parsed.href;
}

test('each sslmode takes the server that it may trust, and no other', async (t) => {
  const { url, cert } = await startTls(t);
  const own = { sslrootcert: cert };
  const taken = [
    ['127.0.0.1', { sslmode: 'prefer' }],
    ['127.0.0.1', { sslmode: 'require' }],
    ['127.0.0.1', { sslmode: 'verify-ca', ...own }],
    ['localhost', { sslmode: 'verify-full', ...own }],
  ] as const;
  const refused = [
    ['127.0.0.1', { sslmode: 'verify-full', ...own }],
    ['localhost', { sslmode: 'verify-full' }],
    ['127.0.0.1', { sslmode: 'verify-ca' }],
  ] as const;

  // SCRAM is bound to the channel: a server that offers that refuses who could and did not.
  for (const [host, options] of taken) {
    const connection = await openConnection(t, withOptions(url, host, options));
    assert.deepEqual((await connection.send({ text: sslText })).rows, [['t', 'TLSv1.3']]);
  }
  for (const [host, options] of refused) {
    await assert.rejects(openConnection(t, withOptions(url, host, options)), Error);
  }
  const plain = await openConnection(t, withOptions(url, '127.0.0.1', { sslmode: 'disable' }));
  assert.deepEqual((await plain.send({ text: sslText })).rows, [['f', null]]);
});

test('a server without TLS is refused where it is required, a wrong password always', async (t) => {
  const { adminUrl } = await cloneDatabase(t);
  const wrong = new URL(adminUrl);
  wrong.password = 'wrong';

  await assert.rejects(
    openConnection(t, withOptions(adminUrl, '127.0.0.1', { sslmode: 'require' })),
    { message: 'The server offers no TLS.' },
  );
  await assert.rejects(openConnection(t, wrong.href), { code: '28P01' });
});
